// Models behind the wall: `/models/<connection>/...` is passed to the provider as it is, with the connection's key put
// in on the far side. What leads elsewhere, to another model, or has the provider act on its own is refused.
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
    headers: createHeaderKeeper(
      { blobs: options.context.blobs, secrets: () => options.secrets.known() },
      { signedPlaces: true },
    ),
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
