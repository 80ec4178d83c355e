// The model service of a run. It forwards `/models/<connection>/...` to the provider and adds the connection's key outside
// the sandbox. It refuses other paths, other models and requests that make the provider act by itself.
import { randomBytes } from 'node:crypto'
import { newId } from '../../domain/ids.ts'
import type { GatewayRequest, GatewayService } from '../types.ts'
import { createSlots } from '../git/slots.ts'
import { createHeaderKeeper } from '../kept-headers.ts'
import { callModel } from './call-model.ts'
import { DEFAULT_MODEL_LIMITS } from './limits.ts'
import type { ModelServiceOptions } from './service-parts.ts'

export const MODELS_ORIGIN = 'https://models.glovebox.internal'
export const MODELS_PATH = '/models/'

/** In bytes. Bodies are held in memory, so the number of larger ones at the same time is limited. */
const LARGE = 2 * 1024 ** 2
const LARGE_AT_ONCE = 4

export function createModelService(options: ModelServiceOptions): GatewayService {
  const limits = { ...DEFAULT_MODEL_LIMITS, ...options.limits }
  const inSlot = createSlots(LARGE_AT_ONCE)
  const working = new Set<Promise<void>>()
  const shared = {
    ...options,
    limits,
    headers: createHeaderKeeper(
      { blobs: options.context.blobs, secrets: () => options.secrets.known() },
      { signedPlaces: true },
    ),
    newCall: () => newId({ now: () => Date.now(), random: (bytes) => randomBytes(bytes) }),
    /** Keeps the gateway open for a job, since a stream takes longer than its request. */
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

/** A chunked body has no length in its header, so it counts as large. */
function mayBeLarge({ method, headers }: GatewayRequest): boolean {
  return method !== 'GET' && Number(headers.get('content-length') ?? LARGE + 1) > LARGE
}
