import type { CHANGE_ENDPOINTS } from '../contract/changes.ts'
import type { Handlers, HandlerRequest } from './handler.ts'
import { ServiceError } from '../services/types.ts'
import { resolveReference } from './resolve-reference.ts'

const DEFAULT_LIMIT = 50

export const CHANGE_HANDLERS: Handlers<keyof typeof CHANGE_ENDPOINTS> = {
  async listChanges({ services, actor, query }) {
    return { changes: [...(await services.listChanges(actor, { limit: query.limit ?? DEFAULT_LIMIT }))] }
  },

  async getChange(request) {
    return request.services.getChange(request.actor, await wholeId(request))
  },

  async readDiff(request) {
    return request.services.readDiff(request.actor, await wholeId(request))
  },

  async approveChange(request) {
    if (request.params.change === 'latest') await refuseUnlessOne(request)
    return request.services.approveChange(request.actor, await wholeId(request), request.body.reason)
  },

  async rejectChange(request) {
    return request.services.rejectChange(request.actor, await wholeId(request), request.body.reason)
  },

  async publishChange(request) {
    return request.services.publishChange(request.actor, await wholeId(request))
  },

  async mergeChange(request) {
    return request.services.mergeChange(request.actor, await wholeId(request))
  },
}

/** Between the diff that someone read and their approval, a run may have put another change in its place. */
async function refuseUnlessOne({
  services,
  actor,
}: Pick<HandlerRequest<(typeof CHANGE_ENDPOINTS)['approveChange']>, 'services' | 'actor'>): Promise<void> {
  const open = (await services.listChanges(actor, { limit: 100 })).filter((change) => change.status === 'open')
  if (open.length <= 1) return
  throw new ServiceError(
    'ambiguous',
    'Several changes wait for a decision, and `latest` may not be the one that you read',
    {
      cure: 'give its id',
      details: open.slice(0, 10).map((change) => change.id),
    },
  )
}

function wholeId({
  services,
  actor,
  params,
}: Pick<HandlerRequest<(typeof CHANGE_ENDPOINTS)['getChange']>, 'services' | 'actor' | 'params'>): Promise<string> {
  return resolveReference('change', params.change, (filter) => services.listChanges(actor, filter))
}
