// The question that every HTTP request to a host raises, whichever service answers it.
import type { DecisionSummary } from '../domain/events/fields.ts'
import { authorityText, type Authority } from './egress/authority.ts'
import type { GatewayContext, GatewayRequest } from './types.ts'

export interface Connect {
  service: 'egress' | 'npm'
  authority: Authority
  scheme: string
}

export function decideConnect(
  { authorise, run }: GatewayContext,
  request: Pick<GatewayRequest, 'method' | 'url'>,
  { service, authority, scheme }: Connect,
): Promise<DecisionSummary> {
  const { host, port } = authority
  const { method, url } = request
  return authorise({
    action: 'connect',
    resource: { type: 'Host', id: authorityText(authority), attributes: { host, port, scheme } },
    context: { service, method, path: url.pathname, scheme, host, port, reach: run.reach, mode: run.mode },
  })
}
