// Everything that no other service answers for: decided by policy, dialled by the gateway, kept, recorded, then given.
import type { SecureContext } from 'node:tls'
import type { DecisionSummary } from '../../domain/events/fields.ts'
import { decideConnect } from '../decide-connect.ts'
import { GatewayError } from '../gateway-error.ts'
import type { GatewayLimits } from '../limits.ts'
import { recordRequest } from '../record-request.ts'
import { denial, explain, failureOf } from '../refusal.ts'
import { spool, type Spooled } from '../spool.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse, GatewayService } from '../types.ts'
import { defaultPort, parseAuthority, type Authority } from './authority.ts'
import { dial, secure, type Connect } from './dial.ts'
import { exchange, type UpstreamResponse } from './exchange.ts'
import { resolveHost, type Resolver } from './resolve-host.ts'

export interface EgressOptions {
  context: GatewayContext
  limits: GatewayLimits
  resolve: Resolver
  connect: Connect
  /** What servers out there are verified with; asked for when it is first needed, since building it takes a while. */
  trust: () => SecureContext
  reachable: readonly string[]
}

// Invariant 1 in the other direction: what looks like a credential in a sandbox was not given by us and goes nowhere.
const CREDENTIALS = ['authorization', 'cookie', 'cookie2', 'proxy-authorization']

/** What is known so far of a request, for its record. */
interface Progress {
  decision: DecisionSummary
  request: Spooled | null
  dropped: readonly string[]
}

export function createEgressService(options: EgressOptions): GatewayService {
  return { name: 'egress', origins: [], handle: (request) => handle(options, request) }
}

async function handle(options: EgressOptions, request: GatewayRequest): Promise<GatewayResponse> {
  const { authority, scheme } = target(request.url)
  const decision = await decideConnect(options.context, request, { service: 'egress', authority, scheme })
  const dropped = CREDENTIALS.filter((name) => request.headers.has(name))
  const progress: Progress = { decision, request: null, dropped }
  if (!decision.allowed) return refuse(options, request, progress, denial(decision))
  let response: UpstreamResponse
  let kept: Spooled
  try {
    // Before anything is read or sent: a forbidden address costs nothing.
    const addresses = await resolveHost(authority, options.resolve)
    progress.request = await keep(options, request.body, options.limits.egressRequestBytes)
    response = await fetchUpstream(options, request, progress.request, { authority, scheme, addresses })
    kept = await keep(options, response.body, options.limits.responseBytes, 'bad-upstream')
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    // No policy opens this wall: the record must not read as if one had.
    if (error.code === 'forbidden-address') progress.decision = { allowed: false, reasons: [] }
    return refuse(options, request, progress, failureOf(error))
  }
  await record(options.context, request, progress, response.status, kept)
  return { status: response.status, headers: response.headers, body: await kept.open() }
}

function target(url: URL): { authority: Authority; scheme: 'http' | 'https' } {
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  return { authority: parseAuthority(url.host, defaultPort(scheme)), scheme }
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
  { authority, scheme, addresses }: { authority: Authority; scheme: 'http' | 'https'; addresses: readonly string[] },
): Promise<UpstreamResponse> {
  const { connectMs, upstreamIdleMs } = options.limits
  const plain = await dial(addresses, authority, options.connect, connectMs, request.signal)
  const socket = scheme === 'http' ? plain : await secure(plain, authority, options.trust(), connectMs)
  return exchange(socket, {
    method: request.method,
    path: `${request.url.pathname}${request.url.search}`,
    headers: outgoingHeaders(request, body),
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
  await record(options.context, request, progress, failure.status, null, failure.message)
  const { method, url } = request
  const refusal = { ...failure, method, url: url.href, decision: progress.decision, reachable: options.reachable }
  return explain(refusal, request.headers.get('accept'))
}

function record(
  context: GatewayContext,
  request: GatewayRequest,
  progress: Progress,
  status: number,
  response: Spooled | null,
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
    responseBytes: response?.bytes ?? 0,
    ...(progress.request?.digest && { requestDigest: progress.request.digest }),
    ...(response?.digest && { responseDigest: response.digest }),
    decision: progress.decision,
    ...(notes.length > 0 && { note: notes.join('; ') }),
  })
}
