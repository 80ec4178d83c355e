// The operator's npm registry behind the wall: read-only, kept by digest, with the operator's credential added on the
// far side. Bodies pass unchanged: a packument's `dist.tarball` may name another host, and npm itself replaces that host
// by its registry where its `replace-registry-host` says so; a host that it keeps is asked for as general egress.
import { gunzipSync } from 'node:zlib'
import type { NewEvent } from '../../domain/event.ts'
import type { DecisionSummary } from '../../domain/events/fields.ts'
import { bulkAnswer, parseBulkQuestion } from '../../advisories/bulk-answer.ts'
import { AdvisoryError, type AdvisorySource } from '../../advisories/types.ts'
import { defaultPort, parseAuthority } from '../egress/authority.ts'
import { decideConnect } from '../decide-connect.ts'
import { GatewayError } from '../gateway-error.ts'
import { DEFAULT_LIMITS, type GatewayLimits } from '../limits.ts'
import { recordRequest } from '../record-request.ts'
import { denial, explain, failureOf, type Refusal } from '../refusal.ts'
import { spool, type Spooled } from '../spool.ts'
import type { GatewayContext, GatewayRequest, GatewayResponse, GatewayService } from '../types.ts'
import { askFollowing } from './follow-redirects.ts'
import { parseRegistryPath, type RegistryPath } from './registry-path.ts'
import { registryRefusal } from './registry-refusal.ts'
import { BULK_PATH, type NpmUpstream } from './upstream.ts'

export interface NpmServiceOptions {
  registry: NpmUpstream
  advisories: AdvisorySource
  context: GatewayContext
  limits?: Partial<GatewayLimits>
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** One request on its way, with what its record will say. */
interface Visit {
  options: NpmServiceOptions & { inTurn: InTurn }
  limits: GatewayLimits
  request: GatewayRequest
  service: 'npm' | 'advisories'
  decision: DecisionSummary
  asked: Spooled | null
  credentials: NewEvent[]
}

const MAX_QUESTION_BYTES = 4 * 1024 ** 2
const ASK_HEADERS = ['accept', 'if-none-match', 'if-modified-since']
const ANSWER_HEADERS = ['content-type', 'etag', 'last-modified', 'cache-control']

export function createNpmService(options: NpmServiceOptions): GatewayService {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const inTurn = oneAtATime()
  return {
    name: 'npm',
    origins: [...new Set(options.registry.registries.map((url) => url.origin))],
    handle: (request) => handle({ ...options, inTurn }, limits, request),
  }
}

/** A question about advisories is held in memory whole; a sandbox must not make that a hundred of them. */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

async function handle(
  options: Visit['options'],
  limits: GatewayLimits,
  request: GatewayRequest,
): Promise<GatewayResponse> {
  const path = pathOf(request.url, options.registry.registries)
  const decision = await decide(options.context, request)
  const service = path?.kind === 'advisories' ? 'advisories' : 'npm'
  const visit: Visit = { options, limits, request, service, decision, asked: null, credentials: [] }
  const refusal = registryRefusal(request.method, path, request.url.search)
  if (refusal !== null) return refuse(overruled(visit), { status: 403, code: 'denied', message: refusal })
  if (!decision.allowed) return refuse(visit, denial(decision))
  try {
    return await (service === 'advisories' ? options.inTurn(() => answerAdvisories(visit)) : answerFromRegistry(visit))
  } catch (error) {
    if (error instanceof AdvisoryError) return refuse(visit, advisoryFailure(error))
    if (error instanceof GatewayError) return refuse(visit, failureOf(error))
    throw error
  }
}

/** No policy opens this wall: the record must not read as if one had. */
function overruled(visit: Visit): Visit {
  return visit.decision.allowed ? { ...visit, decision: { allowed: false, reasons: [] } } : visit
}

function pathOf(url: URL, registries: readonly URL[]): RegistryPath | null {
  const longestFirst = registries.toSorted((one, other) => other.pathname.length - one.pathname.length)
  const registry = longestFirst.find((base) => base.origin === url.origin && url.pathname.startsWith(base.pathname))
  return registry === undefined ? null : parseRegistryPath(url, registry)
}

function decide(context: GatewayContext, request: GatewayRequest): Promise<DecisionSummary> {
  const scheme = request.url.protocol === 'https:' ? 'https' : 'http'
  const authority = parseAuthority(request.url.host, defaultPort(scheme))
  return decideConnect(context, request, { service: 'npm', authority, scheme })
}

async function answerFromRegistry(visit: Visit): Promise<GatewayResponse> {
  const { request, options } = visit
  const answer = await askFollowing(
    options.registry,
    {
      method: request.method as 'GET' | 'HEAD',
      url: request.url,
      headers: pick(request.headers, ASK_HEADERS),
      signal: request.signal,
    },
    (url) => noteCredential(visit, url),
  )
  const kept = await keep(visit, answer.body)
  await record(visit, answer.status, kept)
  const length = request.method === 'HEAD' ? ['content-length'] : []
  return {
    status: answer.status,
    headers: pick(answer.headers, [...ANSWER_HEADERS, ...length]),
    body: await kept.open(),
  }
}

async function answerAdvisories(visit: Visit): Promise<GatewayResponse> {
  const { options, request } = visit
  const question = await readQuestion(request)
  visit.asked = await keep(visit, [question])
  const asked = parseBulkQuestion(question.toString('utf8'))
  const [registry] = options.registry.registries
  if (options.advisories.kind === 'upstream' && registry !== undefined)
    noteCredential(visit, new URL(BULK_PATH, registry))
  const body = Buffer.from(JSON.stringify(bulkAnswer(await options.advisories.query(asked))))
  await record(visit, 200, await keep(visit, [body]))
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}

/** npm compresses the question. Bounded before and after. */
async function readQuestion(request: GatewayRequest): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request.body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > MAX_QUESTION_BYTES) throw new GatewayError('too-large', 'The question is too long.')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') throw new GatewayError('bad-request', 'Only gzip is understood as Content-Encoding.')
  try {
    return gunzipSync(body, { maxOutputLength: MAX_QUESTION_BYTES })
  } catch (error) {
    throw new GatewayError('bad-request', 'The body is no gzip, or it is too long.', { cause: error })
  }
}

function noteCredential({ options, credentials }: Visit, url: URL): void {
  if (!options.registry.hasCredential(url)) return
  const { id, actor } = options.context.run
  const body = { connection: `npm:${url.host}`, purpose: 'read from the registry', host: url.host }
  credentials.push({ run: id, source: 'gateway', actor, kind: 'credential.used', body })
}

async function keep(
  { options, limits }: Visit,
  body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
): Promise<Spooled> {
  const source =
    Symbol.asyncIterator in body
      ? body
      : (async function* chunks() {
          yield* body
        })()
  try {
    return await spool(source, options.context.blobs, {
      memoryBytes: limits.memoryBytes,
      maxBytes: limits.responseBytes,
    })
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'too-large') {
      throw new GatewayError('bad-upstream', `The answer is longer than ${limits.responseBytes} bytes.`)
    }
    throw error
  }
}

async function refuse(visit: Visit, failure: Pick<Refusal, 'status' | 'code' | 'message'>): Promise<GatewayResponse> {
  await record(visit, failure.status, null, failure.message)
  const { method, url } = visit.request
  const reachable = visit.options.context.run.reach.map((name) => `the set ${name}`)
  // npm prints the member `error` of a JSON body, and shows nothing of plain text.
  return explain({ ...failure, method, url: url.href, decision: visit.decision, reachable }, 'application/json')
}

function advisoryFailure(error: AdvisoryError): Pick<Refusal, 'status' | 'code' | 'message'> {
  if (error.code === 'malformed' || error.code === 'too-large')
    return { status: 400, code: 'bad-request', message: error.message }
  return { status: 502, code: 'bad-upstream', message: error.message }
}

function record(visit: Visit, status: number, answered: Spooled | null, note?: string): Promise<void> {
  const { request, service, asked, decision } = visit
  return recordRequest(
    visit.options.context,
    {
      method: request.method,
      url: request.url.href,
      service,
      status,
      requestBytes: asked?.bytes ?? 0,
      responseBytes: answered?.bytes ?? 0,
      ...(asked?.digest && { requestDigest: asked.digest }),
      ...(answered?.digest && { responseDigest: answered.digest }),
      decision,
      ...(note !== undefined && { note }),
    },
    visit.credentials,
  )
}

function pick(headers: ReadonlyMap<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) as string]] : [])))
}
