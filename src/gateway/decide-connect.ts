// The policy question that every HTTP request to a host raises, whichever service answers it.
import type { DecisionSummary } from '../domain/events/fields.ts'
import { authorityText, type Authority } from './egress/authority.ts'
import type { GatewayContext, GatewayRequest } from './types.ts'

export interface Connect {
  /** `egress`, or the name of a kind of registry. */
  service: string
  authority: Authority
  scheme: string
  /** `host:port` of the registry that redirected the request to this host, which is not a registry itself. */
  storageOf?: string | null
}

export function decideConnect(
  { authorise, run }: GatewayContext,
  request: Pick<GatewayRequest, 'method' | 'url'>,
  { service, authority, scheme, storageOf = null }: Connect,
): Promise<DecisionSummary> {
  const { host, port } = authority
  const id = authorityText(authority)
  const { method, url } = request
  return authorise({
    action: 'connect',
    resource: { type: 'Host', id, attributes: { authority: id, host, port, scheme } },
    context: {
      service,
      method,
      path: url.pathname,
      scheme,
      host,
      port,
      reach: run.reach,
      mode: run.mode,
      ...(storageOf !== null && { storageOf }),
    },
  })
}
