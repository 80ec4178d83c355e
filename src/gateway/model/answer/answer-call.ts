// Sends a call, records its answer and passes the answer on.
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { Secret } from '../../../credentials/types.ts'
import { GatewayError } from '../../gateway-error.ts'
import { limitedBytes } from '../../limited-bytes.ts'
import type { Digest } from '../../../domain/events/fields.ts'
import type { GatewayResponse } from '../../types.ts'
import { noFacts, type AnswerFacts } from './answer-facts.ts'
import type { Reservation } from '../budget/budgets.ts'
import { fail, failUnanswered, recordEnd, type Call } from '../call.ts'
import type { CheckedRequest } from '../request/check-request.ts'
import { countCall, type AnswerEnd } from '../budget/count-call.ts'
import type { Endpoint } from '../request/endpoint.ts'
import { answerHeaders, outgoingHeaders } from './exchange-headers.ts'
import { NOTHING_COUNTED, type Counted } from '../model-record.ts'
import { READERS } from './read-answer.ts'
import { relayStream, type RelayParts, type StreamEnd } from './relay-stream.ts'
import { createSecretFilter, needlesOf, type SecretFilter } from './secret-filter.ts'
import { createEventStreamReader, type ServerSentEvent } from './server-sent-events.ts'
import { isObject, type Json } from '../request/strict-json.ts'
import type { ProviderAnswer } from '../upstream.ts'

export interface Outgoing {
  connection: ModelConnection
  endpoint: Endpoint
  url: URL
  headers: { key: Secret | null; provider: ModelConnection['provider']; client: ReadonlyMap<string, string> }
  body: Buffer
  checked: CheckedRequest
  reservation: Reservation
}

export async function answerCall(call: Call, outgoing: Outgoing): Promise<GatewayResponse> {
  let streaming = false
  try {
    const answered = await send(call, outgoing)
    if (!('body' in answered && 'filter' in answered)) return answered
    const type = answered.headers['content-type'] ?? ''
    if (answered.status < 300 && /^text\/event-stream\b/i.test(type)) {
      streaming = true
      return answerStream(call, outgoing, answered)
    }
    return await answerWhole(call, outgoing, answered)
  } finally {
    // By now the call is recorded, or recording has failed.
    if (!streaming) outgoing.reservation.release()
  }
}

interface Answered extends ProviderAnswer {
  filter: SecretFilter
}

/** Returns the answer of the provider, or the error for the sandbox. */
async function send(call: Call, outgoing: Outgoing): Promise<Answered | GatewayResponse> {
  const { shared, request } = call
  const { endpoint, url, headers, body } = outgoing
  const hasBody = endpoint.method === 'POST'
  let answer: ProviderAnswer
  const secrets = shared.secrets.known()
  const sent = outgoingHeaders(headers.client, headers.provider, headers.key, hasBody)
  call.headers.sent = keptHeaders(call, Object.entries(sent))
  try {
    answer = await shared.upstream.ask({
      connection: outgoing.connection.name,
      method: endpoint.method,
      url,
      headers: sent,
      body: hasBody ? body : null,
      signal: request.signal,
    })
  } catch (error) {
    return notAnswered(call, outgoing, error)
  }
  const own = headers.key === null ? [] : [headers.key]
  const filter = createSecretFilter(needlesOf([...own, ...(await secrets)]))
  call.headers.received = keptHeaders(call, withoutSecrets(answer.headers, filter))
  const refusal = await unusable(call, outgoing, answer)
  return refusal ?? { ...answer, filter }
}

/** Starts to store headers. The code that records the end of the call awaits the promise. */
function keptHeaders({ shared }: Call, headers: Iterable<readonly [string, string]>): Promise<Digest | undefined> {
  const kept = shared.headers.keep(headers)
  kept.catch(() => {})
  return kept
}

/** Removes secrets here, since the key of this call may be newer than those known to the store of headers. */
function withoutSecrets(headers: Readonly<Record<string, string>>, filter: SecretFilter): [string, string][] {
  const named = Object.entries(headers).filter(([name]) => !filter.carries(name))
  return named.map(([name, value]) => [name, filter.text(value)])
}

async function notAnswered(call: Call, outgoing: Outgoing, error: unknown): Promise<GatewayResponse> {
  if (call.request.signal.aborted) {
    const note = `the client went away before the provider of ${outgoing.connection.name} answered`
    return fail(call, { kind: 'timeout', message: note, status: 499 }, reserved(outgoing), note)
  }
  if (!(error instanceof GatewayError)) throw error
  const kind = error.code === 'timeout' ? 'timeout' : 'bad-gateway'
  const counted = error.code === 'unreachable' ? NOTHING_COUNTED : reserved(outgoing)
  return failUnanswered(call, { kind, message: error.message }, counted)
}

/** Handles answers that are not passed on. Returns null if the answer is usable. */
async function unusable(call: Call, outgoing: Outgoing, answer: ProviderAnswer): Promise<GatewayResponse | null> {
  const { status, headers, body } = answer
  const { name } = outgoing.connection
  const encoding = headers['content-encoding'] ?? 'identity'
  if (status === 401 || status === 403) {
    call.shared.outages.answered(name)
    body.destroy()
    const message = `The provider refused the credential of the connection ${name} (status ${status}). The operator of Glovebox must correct it.`
    return fail(call, { kind: 'provider-credential', message, status }, NOTHING_COUNTED, message)
  }
  if (status >= 300 && status < 400) {
    body.destroy()
    const message = `The provider of ${name} redirected (status ${status}). Glovebox does not follow redirects.`
    return failUnanswered(call, { kind: 'bad-gateway', message }, NOTHING_COUNTED)
  }
  if (status < 200 || encoding.toLowerCase() !== 'identity') {
    body.destroy()
    const message = `The provider of ${name} gave an answer with an unexpected encoding or status.`
    return failUnanswered(call, { kind: 'bad-gateway', message }, reserved(outgoing))
  }
  return null
}

/** The count for a call that was sent and may be charged: everything that was reserved. */
function reserved(outgoing: Outgoing): Counted {
  return countedOf(outgoing, noFacts(), 'cut')
}

function countedOf({ endpoint, checked, connection }: Outgoing, facts: AnswerFacts, end: AnswerEnd): Counted {
  return countCall(endpoint, facts, checked, { connection, end })
}

async function answerWhole(call: Call, outgoing: Outgoing, answered: Answered): Promise<GatewayResponse> {
  const { limits, context } = call.shared
  const { filter, status, headers } = answered
  const read = await readWhole(answered, limits.responseBytes)
  if (typeof read === 'string') return cutWhole(call, outgoing, read)
  const { body, firstByteAt } = read
  call.shared.outages.answered(outgoing.connection.name)
  const facts = noFacts()
  readFacts(facts, outgoing.endpoint, body)
  if (outgoing.connection.provider === 'gemini' && status === 400 && body.includes('API_KEY_INVALID')) {
    const message = `The provider refused the credential of the connection ${outgoing.connection.name}. The operator of Glovebox must correct it.`
    return fail(call, { kind: 'provider-credential', message }, NOTHING_COUNTED, message)
  }
  const passed = answerHeaders(headers, filter)
  const failed = status >= 400
  const response = body.length === 0 ? null : (await context.blobs.put(body)).digest
  await recordEnd(
    call,
    {
      status,
      outcome: failed ? 'failed' : 'answered',
      response,
      firstByteAt,
      replaced: filter.replaced,
      note: failed ? 'the provider answered with an error' : jobNote(facts),
    },
    failed ? NOTHING_COUNTED : countedOf(outgoing, facts, 'whole'),
    facts,
  )
  return { status, headers: passed, body }
}

function jobNote({ unfinished }: AnswerFacts): string | null {
  return unfinished === null
    ? null
    : `the answer is a job that goes on (${unfinished}), so the whole reservation counts`
}

async function cutWhole(call: Call, outgoing: Outgoing, why: string): Promise<GatewayResponse> {
  if (!call.request.signal.aborted)
    return failUnanswered(call, { kind: 'bad-gateway', message: why }, reserved(outgoing))
  const note = 'the client went away'
  return fail(call, { kind: 'bad-gateway', message: note }, reserved(outgoing), note)
}

/** Returns the body without secrets, or the reason as a text if it could not be read. */
async function readWhole(
  { body, filter }: Answered,
  maxBytes: number,
): Promise<{ body: Buffer; firstByteAt: number | null } | string> {
  let firstByteAt: number | null = null
  body.once('readable', () => (firstByteAt = performance.now()))
  try {
    const bytes = await limitedBytes(body, maxBytes)
    if (bytes === null) return `The answer is longer than ${maxBytes} bytes.`
    return { body: Buffer.concat([filter.push(bytes), filter.end()]), firstByteAt }
  } catch {
    return 'The answer broke off.'
  } finally {
    body.destroy()
  }
}

/** Gemini's streams without `alt=sse` are a JSON list of the events. */
function readFacts(facts: AnswerFacts, { wire }: Endpoint, body: Buffer): void {
  if (wire === null) return
  const json = parse(body.toString('utf8'))
  if (isObject(json)) READERS[wire].whole(facts, json)
  else if (Array.isArray(json)) for (const item of json) if (isObject(item)) READERS[wire].event(facts, item)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function answerStream(call: Call, outgoing: Outgoing, answered: Answered): GatewayResponse {
  const { shared, request } = call
  const { filter, status, headers } = answered
  shared.outages.answered(outgoing.connection.name)
  const facts = noFacts()
  const passed = answerHeaders(headers, filter)
  const { read, readEnd } = factsReader(facts, outgoing.endpoint)
  const { body, done } = relayStream(answered.body, {
    blobs: shared.context.blobs,
    filter,
    facts,
    read,
    readEnd,
    maxBytes: shared.limits.streamBytes,
    signal: request.signal,
    onEnd: (end) => recordStreamEnd(call, outgoing, { status, facts, filter, end }),
  })
  shared.working(done)
  return { status, headers: passed, body, streamed: true }
}

function factsReader(facts: AnswerFacts, { wire }: Endpoint): Pick<RelayParts, 'read' | 'readEnd'> {
  const events = createEventStreamReader()
  const note = ({ data }: ServerSentEvent): void => {
    if (data === '[DONE]') facts.ended = true
    const json = parse(data)
    if (wire !== null && isObject(json)) READERS[wire].event(facts, json)
  }
  return {
    read: (bytes) => events.push(bytes).forEach(note),
    readEnd: () => events.end().forEach(note),
  }
}

interface EndedStream {
  status: number
  facts: AnswerFacts
  filter: SecretFilter
  end: StreamEnd
}

async function recordStreamEnd(
  call: Call,
  outgoing: Outgoing,
  { status, facts, filter, end }: EndedStream,
): Promise<void> {
  const { broken, response, chunks, firstByteAt } = end
  const whole = broken === null && (facts.ended || facts.stopReason !== null)
  const failed = facts.problem !== null
  const why = failed
    ? `the provider reported ${facts.problem}`
    : whole
      ? null
      : 'the stream ended before its last event'
  const outcome = failed ? 'failed' : whole ? 'answered' : 'cut'
  const counted = countedOf(outgoing, facts, whole && !failed ? 'whole' : 'cut')
  const note = broken ?? why
  await recordEnd(
    call,
    { status, outcome, response, chunks, firstByteAt, replaced: filter.replaced, note },
    counted,
    facts,
  ).finally(() => outgoing.reservation.release())
}
