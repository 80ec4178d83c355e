// One pending request to a registry, or one redirect of it, with the facts for its record.
import type { NewEvent } from '../../../domain/event.ts'
import type { DecisionSummary, Digest } from '../../../domain/events/fields.ts'
import type { AdvisorySource } from '../../../advisories/types.ts'
import { decideConnect } from '../../decide-connect.ts'
import { defaultPort, parseAuthority } from '../../egress/authority.ts'
import { GatewayError } from '../../gateway-error.ts'
import type { HeaderKeeper } from '../../kept-headers.ts'
import type { GatewayLimits } from '../../limits.ts'
import { recordRequest } from '../../record-request.ts'
import { explain, type Refusal } from '../../refusal.ts'
import { spool, type Spooled } from '../../spool.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse } from '../../types.ts'
import type { Place } from './place.ts'
import type { NpmUpstream } from './upstream.ts'

export interface NpmParts {
  registry: NpmUpstream
  advisories: AdvisorySource
  context: GatewayContext
  limits: GatewayLimits
  headers: HeaderKeeper
  /** Runs advisory queries one at a time, because each is held in memory and a sandbox could send a hundred. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

export interface Visit {
  parts: NpmParts
  request: GatewayRequest
  service: 'npm' | 'advisories'
  place: Place
  /** URL as recorded. */
  url: string
  decision: DecisionSummary
  asked: Spooled | null
  askedHeaders: Digest | undefined
  /** Recorded URL of the request that was redirected here. */
  redirectedFrom: string | null
  /** Events about credentials used for it. */
  credentials: NewEvent[]
}

export const NO_DECISION: DecisionSummary = { allowed: false, reasons: [] }

export function decideVisit(parts: NpmParts, method: string, place: Place): Promise<DecisionSummary> {
  const { url } = place
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const authority = parseAuthority(url.host, defaultPort(scheme))
  const storageOf = place.kind === 'storage' ? place.of : null
  return decideConnect(parts.context, { method, url }, { service: 'npm', authority, scheme, storageOf })
}

/** A visit whose record shows no allowing decision, because no policy can allow it. */
export function overruled(visit: Visit): Visit {
  return visit.decision.allowed ? { ...visit, decision: NO_DECISION } : visit
}

export async function keepBody(
  { parts: { context, limits } }: Visit,
  body: AsyncIterable<Uint8Array>,
): Promise<Spooled> {
  try {
    return await spool(body, context.blobs, { memoryBytes: limits.memoryBytes, maxBytes: limits.responseBytes })
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'too-large')
      throw new GatewayError('bad-upstream', `The answer is longer than ${limits.responseBytes} bytes.`)
    throw error
  }
}

export async function refuse(
  visit: Visit,
  failure: Pick<Refusal, 'status' | 'code' | 'message'>,
): Promise<GatewayResponse> {
  await recordVisit(visit, failure.status, { note: failure.message })
  const { method, url } = visit.request
  const reachable = visit.parts.context.run.reach.map((name) => `the set ${name}`)
  // npm prints the member `error` of a JSON body and ignores plain text.
  return explain({ ...failure, method, url: url.href, decision: visit.decision, reachable }, 'application/json')
}

export interface Answered {
  body?: Spooled | null
  headers?: Digest | undefined
  note?: string
}

export function recordVisit(
  visit: Visit,
  status: number,
  { body = null, headers, note }: Answered = {},
): Promise<void> {
  const { parts, request, service, url, asked, askedHeaders, decision, redirectedFrom, credentials } = visit
  return recordRequest(
    parts.context,
    {
      method: request.method,
      url,
      service,
      status,
      requestBytes: asked?.bytes ?? 0,
      responseBytes: body?.bytes ?? 0,
      ...(asked?.digest && { requestDigest: asked.digest }),
      ...(askedHeaders && { requestHeaders: askedHeaders }),
      ...(body?.digest && { responseDigest: body.digest }),
      ...(headers && { responseHeaders: headers }),
      ...(redirectedFrom !== null && { redirectedFrom }),
      decision,
      ...(note !== undefined && { note }),
    },
    credentials,
  )
}
