// One request to a model on its way, with what its record will say, and the two ways in which it ends without an answer.
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
  /** Whose words refusals are in. */
  provider: ProviderKind
  head: CallHead
  /** Digests of the headers that crossed, when they are durable; set when they cross. */
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

/** A client that asks for a connection that is not there still reads its own provider's errors. */
function likelyProvider(path: string): ProviderKind {
  if (path.startsWith('/v1/messages')) return 'anthropic'
  return path.startsWith('/v1beta/') ? 'gemini' : 'openai-compatible'
}

/** `model` is the client's word: what is recorded of it is bounded and well-formed. */
export function withHead(call: Call, more: { model?: string; request?: Digest | null } & Partial<CallHead>): Call {
  const model = (more.model ?? call.head.model).slice(0, 200).toWellFormed()
  return { ...call, head: { ...call.head, ...more, model } }
}

export function withDecision(call: Call, decision: DecisionSummary): Call {
  return { ...call, head: { ...call.head, decision } }
}

/** Nothing was sent. */
export async function refuse(call: Call, { refusal, message, status }: ModelRequestError): Promise<GatewayResponse> {
  // No policy opens a wall of the service's own: the record must not read as if one had.
  const own = refusal === 'policy' ? call : withDecision(call, { allowed: false, reasons: [] })
  const response = problemResponse(call.provider, { kind: refusal, message, status })
  await recordEnd(own, { status: response.status, outcome: 'refused', refusal, note: message })
  return response
}

/** It was sent, or nobody could be reached, and the sandbox gets our words instead of an answer. */
export async function fail(call: Call, problem: Problem, counted: Counted, note: string): Promise<GatewayResponse> {
  const response = problemResponse(call.provider, problem)
  await recordEnd(call, { status: response.status, outcome: 'failed', note }, counted)
  return response
}

/** The same where the provider gave no answer, or none that is of use. */
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
