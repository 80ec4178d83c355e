// The state of one request to a model with the facts for its events, and the two ways to end it without an answer.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { ProviderKind } from '../../domain/connections/model-connection.ts'
import type { DecisionSummary, Digest } from '../../domain/events/fields.ts'
import type { GatewayRequest, GatewayResponse } from '../types.ts'
import { noFacts, type AnswerFacts } from './answer/answer-facts.ts'
import type { Counted } from './model-record.ts'
import { calledBody, NOTHING_COUNTED, recordCalled, type CallHead, type ModelCalled } from './model-record.ts'
import type { ModelRequestError } from './request/model-request-error.ts'
import type { SharedParts } from './service-parts.ts'
import { problemResponse, type Problem } from './answer/provider-problem.ts'

export interface Call {
  shared: SharedParts
  request: GatewayRequest
  startedAt: number
  /** Provider whose error format is used for refusals. */
  provider: ProviderKind
  head: CallHead
  /** Digests of the headers that were sent and received; each promise resolves when they are durable. */
  headers: { sent?: Promise<Digest | undefined>; received?: Promise<Digest | undefined> }
}

export function startCall(
  shared: SharedParts,
  request: GatewayRequest,
  named: { connection: string; path: string; found: ModelConnection | null },
): Call {
  const { connection, path, found } = named
  return {
    shared,
    request,
    startedAt: performance.now(),
    provider: found?.provider ?? likelyProvider(path),
    head: {
      call: shared.newCall(),
      connection,
      currency: found?.currency ?? 'USD',
      model: '',
      wire: null,
      method: request.method,
      path,
      request: null,
      decision: { allowed: false, reasons: [] },
    },
    headers: {},
  }
}

/** Guesses the provider from the path, so that a client that names an unknown connection can read the error. */
function likelyProvider(path: string): ProviderKind {
  if (path.startsWith('/v1/messages')) return 'anthropic'
  return path.startsWith('/v1beta/') ? 'gemini' : 'openai-compatible'
}

/** Adds facts to the call. `model` comes from the client, so it is cut and made well-formed. */
export function withHead(call: Call, more: { model?: string; request?: Digest | null } & Partial<CallHead>): Call {
  const model = (more.model ?? call.head.model).slice(0, 200).toWellFormed()
  return { ...call, head: { ...call.head, ...more, model } }
}

export function withDecision(call: Call, decision: DecisionSummary): Call {
  return { ...call, head: { ...call.head, decision } }
}

/** Ends a call that was not sent. */
export async function refuse(call: Call, { refusal, message, status }: ModelRequestError): Promise<GatewayResponse> {
  // A refusal by the service itself must not be recorded as a decision of a policy.
  const own = refusal === 'policy' ? call : withDecision(call, { allowed: false, reasons: [] })
  const response = problemResponse(call.provider, { kind: refusal, message, status })
  await recordEnd(own, { status: response.status, outcome: 'refused', refusal, note: message })
  return response
}

/** Ends a call that was sent or whose provider could not be reached: the sandbox gets an error of the gateway. */
export async function fail(call: Call, problem: Problem, counted: Counted, note: string): Promise<GatewayResponse> {
  const response = problemResponse(call.provider, problem)
  await recordEnd(call, { status: response.status, outcome: 'failed', note }, counted)
  return response
}

/** Like fail(), if the provider gave no usable answer. */
export async function failUnanswered(
  call: Call,
  { kind, message }: Problem & { kind: 'bad-gateway' | 'timeout' },
  counted: Counted,
): Promise<GatewayResponse> {
  const { shared, head, startedAt } = call
  const givenUp = shared.outages.missed(head.connection, { startedAt, why: message })
  const problem: Problem = givenUp === null ? { kind, message } : { kind: 'unreachable', message: givenUp }
  return fail(call, problem, counted, problem.message)
}

export type CallEnd = Pick<ModelCalled, 'status' | 'outcome'> &
  Partial<Pick<ModelCalled, 'refusal' | 'response' | 'chunks' | 'replaced' | 'note'>> & { firstByteAt?: number | null }

export async function recordEnd(
  call: Call,
  { firstByteAt, ...end }: CallEnd,
  counted: Counted = NOTHING_COUNTED,
  facts: AnswerFacts = noFacts(),
): Promise<void> {
  const since = (time: number): number => Math.max(Math.round((time - call.startedAt) * 1000) / 1000, 0)
  const [requestHeaders, responseHeaders] = await Promise.all([call.headers.sent, call.headers.received])
  const body = calledBody(call.head, facts, counted, {
    refusal: null,
    response: null,
    chunks: null,
    replaced: 0,
    note: null,
    ...end,
    ...(requestHeaders && { requestHeaders }),
    ...(responseHeaders && { responseHeaders }),
    firstByteMs: firstByteAt ? since(firstByteAt) : null,
    wallMs: since(performance.now()),
  })
  await recordCalled(call.shared.context, body)
}
