import type { ASK_ENDPOINTS } from '../contract/asks.ts'
import { ServiceError } from '../services/types.ts'
import type { Handlers, HandlerRequest } from './handler.ts'
import { resolveReference } from './resolve-reference.ts'

const DEFAULT_LIMIT = 50

export const ASK_HANDLERS: Handlers<keyof typeof ASK_ENDPOINTS> = {
  async listAsks({ services, actor, query: { status, run, limit } }) {
    const filter = {
      limit: limit ?? DEFAULT_LIMIT,
      ...(status ? { status } : {}),
      ...(run === undefined ? {} : { run: await wholeRun(services, actor, run) }),
    }
    return { asks: [...(await services.listAsks(actor, filter))] }
  },

  async allowAsk(request) {
    return request.services.answerAsk(request.actor, await wholeId(request), 'allowed', request.body.reason)
  },

  async denyAsk(request) {
    return request.services.answerAsk(request.actor, await wholeId(request), 'denied', request.body.reason)
  },
}

type Asking = Pick<HandlerRequest<(typeof ASK_ENDPOINTS)['allowAsk']>, 'services' | 'actor' | 'params'>

/** `latest` would be another one than what somebody read, if the agent has asked again since. */
async function wholeId({ services, actor, params }: Asking): Promise<string> {
  if (params.ask !== 'latest') return resolveReference('ask', params.ask, (filter) => services.listAsks(actor, filter))
  const open = await services.listAsks(actor, { status: ['open'], limit: 10 })
  const [first, second] = open
  if (first === undefined) throw new ServiceError('not-found', 'No agent waits for an answer')
  if (second === undefined) return first.id
  throw new ServiceError('ambiguous', 'Several requests wait, and `latest` may not be the one that you read', {
    cure: 'give its id',
    details: open.map(({ id }) => id),
  })
}

function wholeRun(services: Asking['services'], actor: Asking['actor'], run: string): Promise<string> {
  return resolveReference('run', run, (filter) => services.listRuns(actor, filter))
}
