import type { RUN_ENDPOINTS } from '../contract/runs.ts'
import type { Handlers, HandlerRequest } from './handler.ts'
import { resolveReference } from './resolve-reference.ts'

const DEFAULT_LIMIT = 50
const SAID_DID_LIMIT = 1000

export const RUN_HANDLERS: Handlers<keyof typeof RUN_ENDPOINTS> = {
  startRun: ({ services, actor, body }) => services.startRun(actor, body),

  async listRuns({ services, actor, query }) {
    const runs = await services.listRuns(actor, {
      limit: query.limit ?? DEFAULT_LIMIT,
      ...(query.status ? { status: query.status } : {}),
    })
    return { runs: [...runs] }
  },

  async getRun(request) {
    return request.services.getRun(request.actor, await wholeId(request))
  },

  async cancelRun(request) {
    return request.services.cancelRun(request.actor, await wholeId(request))
  },

  async readEvents(request) {
    const { services, actor, query, signal } = request
    const run = await wholeId(request)
    const follow = query.follow ?? false
    const filter = {
      follow,
      ...(query.after === undefined ? {} : { after: query.after }),
      ...(query.kind ? { kinds: query.kind } : {}),
    }
    return { follow, events: services.readEvents(actor, run, filter, signal) }
  },

  async readSaidDid(request) {
    return request.services.readSaidDid(request.actor, await wholeId(request), request.query.limit ?? SAID_DID_LIMIT)
  },

  async readOutput(request) {
    const { services, actor, params, query } = request
    const { stream = 'stdout', part = 'all' } = query
    return services.readOutput(actor, await wholeId(request), params.step, stream, part)
  },

  async readArtifact(request) {
    return request.services.readArtifact(request.actor, await wholeId(request), request.params.name)
  },
}

function wholeId({
  services,
  actor,
  params,
}: Pick<HandlerRequest<(typeof RUN_ENDPOINTS)['getRun']>, 'services' | 'actor' | 'params'>): Promise<string> {
  return resolveReference('run', params.run, (filter) => services.listRuns(actor, filter))
}
