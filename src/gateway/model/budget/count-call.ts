// What a call counts against budgets when it is over. The provider's own counts where it gave them, an estimate where it
// did not: an answer that broke off was paid for, and a stream of Chat Completions carries no counts unless its client
// asked for them.
import type { Price } from '../../../domain/connection.ts'
import type { AnswerFacts } from '../answer/answer-facts.ts'
import { costMicros, outputBound, tokensOfBytes } from '../request/estimate-tokens.ts'
import type { Counted } from '../model-record.ts'

export interface Estimated {
  input: number
  /** The most that the answer can be; null where nobody knows. */
  maxOutput: number | null
}

/** `left`: nobody waits for the rest any more. `broken`: the provider gave no more of it. */
export type AnswerEnd = 'whole' | 'left' | 'broken'

export function countCall(facts: AnswerFacts, estimated: Estimated, price: Price | undefined, end: AnswerEnd): Counted {
  const whole = end === 'whole'
  const written = Math.min(tokensOfBytes(facts.written), estimated.maxOutput ?? Infinity)
  const input = facts.input ?? estimated.input
  // Of a stream that broke off the last count is older than the last word. Of one that its client left, nobody here knows
  // what the provider wrote, or thought, beyond it: were it free, leaving in time would be a way around every budget.
  const most = end === 'left' ? outputBound(estimated.maxOutput) : 0
  const output = whole ? (facts.output ?? written) : Math.max(facts.output ?? 0, written, most)
  const cached = Math.min(facts.cached ?? 0, input)
  const counts = { input, output, cached, cacheWrite: Math.min(facts.cacheWrite ?? 0, input - cached) }
  const known = facts.input !== null && facts.output !== null && whole
  return { tokens: input + output, costMicros: costMicros(counts, price), estimated: !known }
}
