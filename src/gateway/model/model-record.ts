// Builds the events of one call of a model.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { Wire } from '../../domain/connections/model-connection.ts'
import type { EventBody, NewEvent } from '../../domain/event.ts'
import type { DecisionSummary, Digest } from '../../domain/events/fields.ts'
import type { FieldUse } from '../../domain/model-field.ts'
import type { GatewayContext } from '../types.ts'
import type { AnswerFacts } from './answer/answer-facts.ts'

export type ModelCalled = EventBody<'model.called'>

/** Facts about a request that are known before it is sent. */
export interface CallHead {
  call: string
  /** Name of the connection; if it does not exist, the name that the client sent. */
  connection: string
  currency: string
  model: string
  wire: Wire | null
  method: string
  path: string
  request: Digest | null
  /** Digest of the body that is sent, if the gateway changed it, and the fields that the gateway set. */
  sent?: Digest
  set?: string[]
  /** Fields that needed a permit. */
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

/** The events that are recorded before the request is sent: the request, the use of the key and the reservation. */
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
