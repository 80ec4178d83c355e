// Sums up the spending of a run on models, from its events.
import { MICROS } from '../../domain/budget.ts'
import type { Event } from '../../domain/event.ts'
import { countOf } from '../text/quantities.ts'

export interface ModelSpending {
  /** Number of calls that were sent to a provider. */
  calls: number
  input: number
  output: number
  /** From currency to cost, in millionths. */
  costs: Map<string, number>
}

export function noSpending(): ModelSpending {
  return { calls: 0, input: 0, output: 0, costs: new Map() }
}

export function addSpending(spending: ModelSpending, event: Event): void {
  if (event.kind !== 'model.called' || event.body.outcome === 'refused' || event.body.wire === null) return
  const { inputTokens, outputTokens, costMicros, currency } = event.body
  spending.calls++
  spending.input += inputTokens ?? 0
  spending.output += outputTokens ?? 0
  if (costMicros !== null) spending.costs.set(currency, (spending.costs.get(currency) ?? 0) + costMicros)
}

export function spendingText({ calls, input, output, costs }: ModelSpending): string {
  const money = [...costs].map(([currency, micros]) => `, ${(micros / MICROS).toFixed(4)} ${currency}`)
  return `${countOf(calls, 'call')}, ${input} tokens in, ${output} out${money.join('')}`
}
