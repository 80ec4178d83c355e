// Handles one call: it checks the path, the body, the model and the tools, then reserves budget, reads the key, decides by
// policy, records the call and sends it.
import { hash } from 'node:crypto'
import { CredentialError, type Secret } from '../../credentials/types.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { NewEvent } from '../../domain/event.ts'
import type { DecisionSummary, Digest } from '../../domain/events/fields.ts'
import { limitedBytes } from '../limited-bytes.ts'
import { denial } from '../refusal.ts'
import type { GatewayRequest, GatewayResponse } from '../types.ts'
import { answerCall } from './answer/answer-call.ts'
import { isExceeded, type Reservation } from './budget/budgets.ts'
import { reservedFor, type Reserved } from './budget/count-call.ts'
import type { SharedParts } from './service-parts.ts'
import { refuse, startCall, withDecision, withHead, type Call } from './call.ts'
import { checkModel, checkRequest, type CheckedRequest } from './request/check-request.ts'
import { findEndpoint, outgoingQuery, splitModelPath, upstreamPath, type Endpoint } from './request/endpoint.ts'
import { fitsHeader } from './answer/exchange-headers.ts'
import { askedEvents } from './model-record.ts'
import { ModelRequestError } from './request/model-request-error.ts'

const NO_REQUEST: CheckedRequest = {
  model: '',
  maxOutput: 0,
  passes: 1,
  inputEstimate: 0,
  uses: [],
  times: new Map(),
  cachedForHour: false,
  sent: null,
}

export async function callModel(shared: SharedParts, request: GatewayRequest): Promise<GatewayResponse> {
  const { pathname } = request.url
  const split = splitModelPath(pathname)
  const found = shared.connections.find(({ name }) => name === split?.connection) ?? null
  const named = { connection: split?.connection ?? '', path: split?.rest ?? pathname, found }
  const call = startCall(shared, request, named)
  if (found === null) return refuse(call, noConnection(named.connection, shared.connections))
  const endpoint = findEndpoint(found.provider, request.method, named.path)
  if (endpoint === null) return refuse(call, unknownPath(request.method))
  const query = outgoingQuery(request.url.search, endpoint)
  if (query === null)
    return refuse(
      call,
      new ModelRequestError('request', 'The gateway refuses this query: send only known parameters, each once.'),
    )
  const path = `${named.path}${query}`
  return askPermitted(withHead(call, { wire: endpoint.wire, path }), found, endpoint, query)
}

async function askPermitted(
  call: Call,
  connection: ModelConnection,
  endpoint: Endpoint,
  query: string,
): Promise<GatewayResponse> {
  const { shared, request } = call
  let known = call
  let kept: Promise<unknown> = Promise.resolve()
  try {
    const body = await readBody(request, endpoint, shared.limits.requestBytes)
    kept = keepRequest(shared, body)
    known = withHead(call, { request: digestOf(body), model: endpoint.model ?? '' })
    const checked = endpoint.kind === 'list' ? NO_REQUEST : checkRequest(body, endpoint, connection)
    known = withHead(known, headOf(checked))
    if (endpoint.kind !== 'list') checkModel(checked.model, connection)
    const givenUp = shared.outages.reason(connection.name)
    if (givenUp !== null) throw new ModelRequestError('unreachable', givenUp)
    const key = await readKey(connection, shared, request.signal)
    const alsoKept = checked.sent === null ? kept : Promise.all([kept, keepRequest(shared, checked.sent.body)])
    const ready = { query, body: checked.sent?.body ?? body, checked, key, kept: alsoKept }
    return await askReserved(known, connection, endpoint, ready)
  } catch (error) {
    if (!(error instanceof ModelRequestError)) throw error
    await kept
    return refuse(known, error)
  }
}

/** Starts to store the request. It is durable before the request is sent; the other checks run meanwhile. */
function keepRequest({ context }: SharedParts, body: Buffer): Promise<unknown> {
  const kept = body.byteLength === 0 ? Promise.resolve() : context.blobs.put(body)
  // The caller handles a failure when it awaits the promise.
  kept.catch(() => {})
  return kept
}

/** The facts about a valid request for its events. */
function headOf({ model, sent, uses }: CheckedRequest): Partial<Call['head']> {
  return {
    model,
    ...(sent !== null && { sent: sha256(sent.body), set: [...sent.set] }),
    ...(uses.length > 0 && { fields: [...uses] }),
  }
}

function sha256(body: Buffer): Digest {
  return `sha256:${hash('sha256', body, 'hex')}`
}

function digestOf(body: Buffer): Digest | null {
  return body.byteLength === 0 ? null : sha256(body)
}

interface Ready {
  query: string
  /** The body that is sent. */
  body: Buffer
  checked: CheckedRequest
  key: Secret | null
  kept: Promise<unknown>
}

async function askReserved(
  call: Call,
  connection: ModelConnection,
  endpoint: Endpoint,
  ready: Ready,
): Promise<GatewayResponse> {
  const { shared, request } = call
  const { key, body, checked, query, kept } = ready
  const reserved = reservedFor(endpoint, checked, connection)
  const reservation = await reserve(call, reserved)
  let answering = false
  try {
    const url = new URL(connection.url)
    url.pathname = upstreamPath(connection, endpoint)
    url.search = query
    const credential = key === null ? null : { connection, host: url.host }
    // The decision and the call are recorded in the same transaction, before the request is sent.
    const [decision] = await Promise.all([
      decide(call, connection, (answer) =>
        answer.allowed ? askedEvents(shared.context, { ...call.head, decision: answer }, reserved, credential) : [],
      ),
      kept,
    ])
    const decided = withDecision(call, decision)
    if (!decision.allowed) return await refuse(decided, new ModelRequestError('policy', denial(decision).message))
    const headers = { key, provider: connection.provider, client: request.headers }
    answering = true
    return await answerCall(decided, { connection, endpoint, url, headers, body, checked, reservation })
  } finally {
    if (!answering) reservation.release()
  }
}

async function reserve({ shared, head }: Call, estimate: Reserved): Promise<Reservation> {
  if (estimate.tokens === 0) return { release: () => {} }
  const { call, currency } = head
  const wanted = { call, run: shared.context.run.id, currency, ...estimate }
  const answer = await shared.budgets.reserve(wanted, shared.rules())
  if (isExceeded(answer)) throw new ModelRequestError('budget', answer.message)
  return answer
}

async function readBody(request: GatewayRequest, { method }: Endpoint, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw new ModelRequestError('request', 'The body must not be compressed: leave out Content-Encoding.', 415)
  const type = request.headers.get('content-type')
  if (method === 'POST' && type !== undefined && !/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type))
    throw new ModelRequestError('request', 'The body must be application/json.', 415)
  const body = await limitedBytes(request.body, method === 'GET' ? 0 : maxBytes)
  if (body === null) throw new ModelRequestError('request', `The body is longer than ${maxBytes} bytes.`, 413)
  return body
}

function decide(
  { shared, head }: Call,
  { name }: ModelConnection,
  also: (decision: DecisionSummary) => readonly NewEvent[],
): Promise<DecisionSummary> {
  const { run, authorise } = shared.context
  const question = {
    action: 'model.call',
    resource: {
      type: 'Model' as const,
      id: `${name}/${head.model}`,
      attributes: { connection: name, model: head.model },
    },
    context: { connection: name, model: head.model, mode: run.mode },
  }
  return authorise(question, also)
}

async function readKey(
  connection: ModelConnection,
  { secrets }: SharedParts,
  signal: AbortSignal,
): Promise<Secret | null> {
  try {
    const key = await secrets.read(connection, signal)
    if (key !== null && !fitsHeader(key))
      throw new CredentialError('bad-secret', connection.credential.from, 'no header')
    return key
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    // The sandbox must not see the source of the key or the rest of the message.
    const message = `The connection ${connection.name} has no usable credential (${error.code}). Its operator must set it.`
    throw new ModelRequestError('credential', message)
  }
}

function noConnection(name: string, connections: readonly ModelConnection[]): ModelRequestError {
  const names = connections.map((connection) => connection.name).join(', ') || 'none'
  return new ModelRequestError(
    'policy',
    `This run has no connection ${name || 'of this name'}. Its connections: ${names}.`,
    404,
  )
}

function unknownPath(method: string): ModelRequestError {
  const message = `The gateway refuses ${method} on this path: a run can only call models, count their tokens and list them.`
  return new ModelRequestError('request', message, 404)
}
