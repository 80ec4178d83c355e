// The events of one call of a model.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { Wire } from '../../domain/connections/model-connection.ts'
import type { EventBody, NewEvent } from '../../domain/event.ts'
import type { DecisionSummary, Digest } from '../../domain/events/fields.ts'
import type { FieldUse } from '../../domain/model-field.ts'
import type { GatewayContext } from '../types.ts'
import type { AnswerFacts } from './answer/answer-facts.ts'

export type ModelCalled = EventBody<'model.called'>

/** What is known of a request before anything is sent. */
export interface CallHead {
  call: string
  /** The connection's name as the client wrote it, where there is none. */
  connection: string
  currency: string
  model: string
  wire: Wire | null
  method: string
  path: string
  request: Digest | null
  /** The body that is sent on, where it is another, and what the gateway put into it. */
  sent?: Digest
  set?: string[]
  /** Fields that are not plain. */
  fields?: FieldUse[]
  decision: DecisionSummary
}

export interface Counted {
  tokens: number
  costMicros: number | null
  estimated: boolean
}

export const NOTHING_COUNTED: Counted = { tokens: 0, costMicros: 0, estimated: false }

type Outcome = Pick<ModelCalled, 'status' | 'outcome' | 'refusal' | 'firstByteMs' | 'wallMs' | 'response' | 'chunks'> &
  Pick<ModelCalled, 'replaced' | 'note' | 'requestHeaders' | 'responseHeaders'>

export function calledBody(head: CallHead, facts: AnswerFacts, counted: Counted, outcome: Outcome): ModelCalled {
  const { input, output, cached, cacheWrite, stopReason, tools } = facts
  return {
    ...head,
    inputTokens: input,
    outputTokens: output,
    cachedTokens: cached,
    cacheWriteTokens: cacheWrite,
    countedTokens: counted.tokens,
    estimated: counted.estimated,
    costMicros: counted.costMicros,
    stopReason,
    tools,
    ...outcome,
  }
}

export async function recordCalled({ run, recorder }: GatewayContext, body: ModelCalled): Promise<void> {
  await recorder.record([{ run: run.id, source: 'gateway', actor: run.actor, kind: 'model.called', body }])
}

/** On the record before the request leaves: what is sent, with whose key, and what it may take. */
export function askedEvents(
  { run }: Pick<GatewayContext, 'run'>,
  head: CallHead,
  reserved: { tokens: number; costMicros: number | null },
  credential: { connection: ModelConnection; host: string } | null,
): NewEvent[] {
  const common = { run: run.id, source: 'gateway', actor: run.actor } as const
  const used: NewEvent[] =
    credential === null
      ? []
      : [
          {
            ...common,
            kind: 'credential.used',
            body: { connection: credential.connection.name, purpose: 'call a model', host: credential.host },
          },
        ]
  const body = { ...head, reservedTokens: reserved.tokens, reservedCostMicros: reserved.costMicros }
  return [...used, { ...common, kind: 'model.asked', body }]
}
