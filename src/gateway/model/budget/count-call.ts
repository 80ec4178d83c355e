// Computes the reservation of a call before it is sent, and its count after it has ended. A complete answer with the
// provider's counts uses these counts. Otherwise the whole reservation counts: an interrupted answer is charged, a queued
// job goes on, and the gateway cannot see the tokens of hidden reasoning.
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { AnswerFacts } from '../answer/answer-facts.ts'
import type { CheckedRequest } from '../request/check-request.ts'
import type { Endpoint } from '../request/endpoint.ts'
import { outputBound, tokensOfBytes } from '../request/estimate-tokens.ts'
import { servedTimes } from '../request/fields/served-times.ts'
import { NOTHING_COUNTED, type Counted } from '../model-record.ts'
import { costBound, costMicros, factorOf, priceOf } from './prices.ts'

export type Reserved = Pick<Counted, 'tokens' | 'costMicros'>

/** The facts that determine the reservation of a call. */
export type Estimated = Pick<
  CheckedRequest,
  'model' | 'inputEstimate' | 'maxOutput' | 'passes' | 'times' | 'cachedForHour'
>

/** Lists of models and counts of tokens are free at every provider. */
export function reservedFor(
  { kind }: Pick<Endpoint, 'kind'>,
  checked: Estimated,
  connection: Pick<ModelConnection, 'prices'>,
): Reserved {
  if (kind !== 'call') return { tokens: 0, costMicros: 0 }
  const price = priceOf(connection, checked.model)
  const input = checked.inputEstimate * checked.passes
  const output = outputBound(checked.maxOutput) * checked.passes
  const { cachedForHour, times } = checked
  return {
    tokens: input + output,
    costMicros: costBound({ input, output, cachedForHour }, price, factorOf(times, price)),
  }
}

/** `cut`: the client went away, or the answer broke off. */
export type AnswerEnd = 'whole' | 'cut'

export function countCall(
  { kind, wire }: Pick<Endpoint, 'kind' | 'wire'>,
  facts: AnswerFacts,
  checked: Estimated,
  { connection, end }: { connection: Pick<ModelConnection, 'prices'>; end: AnswerEnd },
): Counted {
  if (kind !== 'call') return NOTHING_COUNTED
  const price = priceOf(connection, checked.model)
  const factor = factorOf([...checked.times, ...servedTimes(wire, facts.served)], price)
  const { input, output, beside } = facts
  if (end === 'whole' && facts.unfinished === null && input !== null && output !== null) {
    const cached = Math.min(facts.cached ?? 0, input)
    const cacheWrite = Math.min(facts.cacheWrite ?? 0, input - cached)
    const cacheWriteHour = Math.min(facts.cacheWriteHour ?? 0, cacheWrite)
    const counts = {
      input: input + beside.input,
      output: output + beside.output,
      ...{ cached, cacheWrite, cacheWriteHour },
    }
    return { tokens: counts.input + counts.output, costMicros: costMicros(counts, price, factor), estimated: false }
  }
  const reserved = checked.inputEstimate * checked.passes
  // If the input was read only once, the provider's count of it is final as soon as it arrives.
  const known = checked.passes === 1 && facts.unfinished === null
  const most = {
    input: known ? (input ?? reserved) : Math.max(input ?? 0, reserved),
    output: Math.max(output ?? 0, tokensOfBytes(facts.written), outputBound(checked.maxOutput) * checked.passes),
    cachedForHour: checked.cachedForHour,
  }
  return { tokens: most.input + most.output, costMicros: costBound(most, price, factor), estimated: true }
}
