// Models behind the wall: `/models/<connection>/...` is passed to the provider as it is, with the connection's key put
// in on the far side. What leads elsewhere, to another model, or has the provider act on its own is refused.
import { randomBytes } from 'node:crypto'
import type { Connection } from '../../domain/connection.ts'
import { newId } from '../../domain/ids.ts'
import type { SecretReader } from '../../credentials/types.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse, GatewayService } from '../types.ts'
import type { BudgetRule, ModelBudgets } from './budgets.ts'
import { callModel } from './call-model.ts'
import { DEFAULT_MODEL_LIMITS, type ModelLimits } from './limits.ts'
import type { ModelUpstream } from './upstream.ts'

export const MODELS_ORIGIN = 'https://models.glovebox.internal'
export const MODELS_PATH = '/models/'

export interface ModelServiceOptions {
  context: GatewayContext
  /** Those that this run may use; a name that is not among them is refused like one that does not exist. */
  connections: readonly Connection[]
  secrets: SecretReader
  upstream: ModelUpstream
  budgets: ModelBudgets
  /** The budgets that a call falls under now. */
  rules: () => readonly BudgetRule[]
  limits?: Partial<ModelLimits>
}

export function createModelService(options: ModelServiceOptions): GatewayService {
  const limits = { ...DEFAULT_MODEL_LIMITS, ...options.limits }
  const working = new Set<Promise<void>>()
  const shared = {
    ...options,
    limits,
    newCall: () => newId({ now: () => Date.now(), random: (bytes) => randomBytes(bytes) }),
    /** A stream is worked on longer than its request. */
    working(job: Promise<void>) {
      const done = job.finally(() => working.delete(done))
      working.add(done)
    },
  }
  return {
    name: 'models',
    origins: [MODELS_ORIGIN],
    localPath: MODELS_PATH,
    handle: (request: GatewayRequest): Promise<GatewayResponse> => callModel(shared, request),
    async idle() {
      while (working.size > 0) await Promise.all(working)
    },
  }
}
