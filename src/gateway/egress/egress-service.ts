// The egress service, for every host without its own service. Policy decides. The gateway dials, keeps and records the
// exchange, and only then answers.
import type { DecisionSummary, Digest } from '../../domain/events/fields.ts'
import { decideConnect } from '../decide-connect.ts'
import { GatewayError } from '../gateway-error.ts'
import { createHeaderKeeper, type HeaderKeeper } from '../kept-headers.ts'
import type { GatewayLimits } from '../limits.ts'
import { recordRequest } from '../record-request.ts'
import { denial, explain, failureOf } from '../refusal.ts'
import { spool, type Spooled } from '../spool.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse, GatewayService } from '../types.ts'
import { defaultPort, parseAuthority } from './authority.ts'
import { exchange, type UpstreamResponse } from './exchange.ts'
import { routeTo, type Route, type RouteParts, type Target } from './route.ts'

export interface EgressOptions extends RouteParts {
  context: GatewayContext
  limits: GatewayLimits
  reachable: readonly string[]
}

type EgressParts = EgressOptions & { headers: HeaderKeeper }

// Headers that never leave. Glovebox gives a sandbox no credentials, so a credential from inside comes from elsewhere
// (invariant 1).
const CREDENTIALS = ['authorization', 'cookie', 'cookie2', 'proxy-authorization']

/** Facts about a request so far, for its record. */
interface Progress {
  decision: DecisionSummary
  request: Spooled | null
  requestHeaders: Digest | undefined
  dropped: readonly string[]
}

export function createEgressService(options: EgressOptions): GatewayService {
  const parts = { ...options, headers: createHeaderKeeper(options.context, { signedPlaces: false }) }
  return { name: 'egress', origins: [], handle: (request) => handle(parts, request) }
}

async function handle(options: EgressParts, request: GatewayRequest): Promise<GatewayResponse> {
  const destination = target(request.url)
  const { authority, scheme } = destination
  const decision = await decideConnect(options.context, request, { service: 'egress', authority, scheme })
  const dropped = CREDENTIALS.filter((name) => request.headers.has(name))
  const progress: Progress = { decision, request: null, requestHeaders: undefined, dropped }
  if (!decision.allowed) return refuse(options, request, progress, denial(decision))
  let response: UpstreamResponse
  let kept: Spooled
  let responseHeaders: Digest | undefined
  try {
    // First of all, so that a forbidden address is refused before any body is read or sent.
    const route = await routeTo(destination, options)
    const body = await keep(options, request.body, options.limits.egressRequestBytes)
    const headers = outgoingHeaders(request, body)
    progress.request = body
    progress.requestHeaders = await options.headers.keep(Object.entries(headers))
    response = await fetchUpstream(options, request, body, { route, headers })
    const answered = [keep(options, response.body, options.limits.responseBytes, 'bad-upstream')] as const
    ;[kept, responseHeaders] = await Promise.all([...answered, options.headers.keep(response.received)])
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // No policy can allow a forbidden address, so the record must not show an allowing decision.
    if (error.code === 'forbidden-address') progress.decision = { allowed: false, reasons: [] }
    return refuse(options, request, progress, failureOf(error))
  }
  await record(options.context, request, progress, { status: response.status, body: kept, headers: responseHeaders })
  return { status: response.status, headers: response.headers, body: await kept.open() }
}

function target(url: URL): Target {
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  return { url, authority: parseAuthority(url.host, defaultPort(scheme)), scheme }
}

async function keep(
  { context, limits }: EgressOptions,
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  code?: 'bad-upstream',
): Promise<Spooled> {
  try {
    return await spool(body, context.blobs, { memoryBytes: limits.memoryBytes, maxBytes })
  } catch (error) {
    if (code === undefined || !(error instanceof GatewayError) || error.code !== 'too-large') throw error
    throw new GatewayError(code, `The answer is longer than ${maxBytes} bytes.`)
  }
}

async function fetchUpstream(
  options: EgressOptions,
  request: GatewayRequest,
  body: Spooled,
  { route, headers }: { route: Route; headers: Record<string, string> },
): Promise<UpstreamResponse> {
  const { connectMs, upstreamIdleMs } = options.limits
  const { socket, path, headers: more } = await route.open(connectMs, request.signal)
  return exchange(socket, {
    method: request.method,
    path,
    headers: { ...headers, ...more },
    body: await body.open(),
    signal: request.signal,
    idleMs: upstreamIdleMs,
  })
}

function outgoingHeaders(request: GatewayRequest, body: Spooled): Record<string, string> {
  const rest = [...request.headers].filter(
    ([name]) => !CREDENTIALS.includes(name) && name !== 'host' && name !== 'content-length',
  )
  const headers: Record<string, string> = { host: request.url.host, ...Object.fromEntries(rest), connection: 'close' }
  if (body.bytes > 0 || request.headers.has('content-length')) headers['content-length'] = String(body.bytes)
  return headers
}

async function refuse(
  options: EgressOptions,
  request: GatewayRequest,
  progress: Progress,
  failure: ReturnType<typeof failureOf>,
): Promise<GatewayResponse> {
  await record(options.context, request, progress, { status: failure.status }, failure.message)
  const { method, url } = request
  const refusal = { ...failure, method, url: url.href, decision: progress.decision, reachable: options.reachable }
  return explain(refusal, request.headers.get('accept'))
}

function record(
  context: GatewayContext,
  request: GatewayRequest,
  progress: Progress,
  { status, body, headers }: { status: number; body?: Spooled; headers?: Digest | undefined },
  why?: string,
): Promise<void> {
  const notes = [why, ...progress.dropped.map((name) => `dropped the header ${name}`)].filter(
    (note) => note !== undefined,
  )
  return recordRequest(context, {
    method: request.method,
    url: request.url.href,
    service: 'egress',
    status,
    requestBytes: progress.request?.bytes ?? 0,
    responseBytes: body?.bytes ?? 0,
    ...(progress.request?.digest && { requestDigest: progress.request.digest }),
    ...(progress.requestHeaders && { requestHeaders: progress.requestHeaders }),
    ...(body?.digest && { responseDigest: body.digest }),
    ...(headers && { responseHeaders: headers }),
    decision: progress.decision,
    ...(notes.length > 0 && { note: notes.join('; ') }),
  })
}
