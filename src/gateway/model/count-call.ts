// What a call counts against budgets when it is over. The provider's own counts where it gave them, an estimate where it
// did not: an answer that broke off was paid for, and a stream of Chat Completions carries no counts unless its client
// asked for them.
import type { Price } from '../../domain/connection.ts'
import type { AnswerFacts } from './answer-facts.ts'
import { costMicros, tokensOfBytes } from './estimate-tokens.ts'
import type { Counted } from './model-record.ts'

export interface Estimated {
  input: number
  /** The most that the answer can be; null where nobody knows. */
  maxOutput: number | null
}

export function countCall(facts: AnswerFacts, estimated: Estimated, price: Price | undefined, whole: boolean): Counted {
  const written = Math.min(tokensOfBytes(facts.written), estimated.maxOutput ?? Infinity)
  const input = facts.input ?? estimated.input
  // Of a stream that broke off the last count is older than the last word.
  const output = whole ? (facts.output ?? written) : Math.max(facts.output ?? 0, written)
  const cached = Math.min(facts.cached ?? 0, input)
  const counts = { input, output, cached, cacheWrite: Math.min(facts.cacheWrite ?? 0, input - cached) }
  const known = facts.input !== null && facts.output !== null && whole
  return { tokens: input + output, costMicros: costMicros(counts, price), estimated: !known }
}
