// Models behind the wall: `/models/<connection>/...` is passed to the provider as it is, with the connection's key put
// in on the far side. What leads elsewhere, to another model, or has the provider act on its own is refused.
import { randomBytes } from 'node:crypto'
import type { Connection } from '../../domain/connection.ts'
import { newId } from '../../domain/ids.ts'
import type { SecretReader } from '../../credentials/types.ts'
import type { GatewayContext, GatewayRequest, GatewayService } from '../types.ts'
import type { BudgetRule, ModelBudgets } from './budget/budgets.ts'
import { createSlots } from '../git/slots.ts'
import { callModel } from './call-model.ts'
import { DEFAULT_MODEL_LIMITS, type ModelLimits } from './limits.ts'
import type { Outages } from './outages.ts'
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
  outages: Outages
  limits?: Partial<ModelLimits>
}

/** Bodies are held in memory: a sandbox must not make that a hundred large ones. In bytes. */
const LARGE = 2 * 1024 ** 2
const LARGE_AT_ONCE = 4

export function createModelService(options: ModelServiceOptions): GatewayService {
  const limits = { ...DEFAULT_MODEL_LIMITS, ...options.limits }
  const inSlot = createSlots(LARGE_AT_ONCE)
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
    handle: (request) => (mayBeLarge(request) ? inSlot(() => callModel(shared, request)) : callModel(shared, request)),
    async idle() {
      while (working.size > 0) await Promise.all(working)
    },
  }
}

/** Without a length, which is how bodies are sent in chunks, it is anybody's guess. */
function mayBeLarge({ method, headers }: GatewayRequest): boolean {
  return method !== 'GET' && Number(headers.get('content-length') ?? LARGE + 1) > LARGE
}
