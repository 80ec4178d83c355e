// What runs may spend. A call is held against every budget that it falls under before it is sent: what the record says
// was taken (store/model-usage-table.ts), what calls that are under way may still take, and what this one may.
import type { Budget } from '../../../domain/budget.ts'
import { MICROS } from '../../../domain/budget.ts'
import type { UsageScope, UsageSum, UsageTable } from '../../../store/types.ts'
import { own } from '../../../domain/own.ts'

/** One budget: a limit, and the calls that count against it. `cost` counts calls in the currency of the connection. */
export interface BudgetRule {
  /** As a person knows it, such as `run` or `day`; it is in refusals. */
  name: string
  scope: UsageScope
  limit: Budget & { calls?: number }
}

export interface CallEstimate {
  /** Id of the call, as in its events. */
  call: string
  run: string
  tokens: number
  costMicros: number | null
  currency: string
}

export interface BudgetExceeded {
  rule: BudgetRule
  /** For the client: what is left, what would be needed. */
  message: string
}

export interface Reservation {
  /** To be called when the call's `model.called` is on the record, or when nothing will be: then it counts no more. */
  release(): void
}

/** One for all runs of an instance. */
export interface ModelBudgets {
  /** Calls are weighed one after the other, so that many at once do not pass together what one may not. */
  reserve(estimate: CallEstimate, rules: readonly BudgetRule[]): Promise<Reservation | BudgetExceeded>
}

interface Open extends CallEstimate {
  since: number
}

export function createModelBudgets(usage: UsageTable, now: () => number): ModelBudgets {
  const open = new Map<string, Open>()
  let last: Promise<unknown> = Promise.resolve()

  async function weigh(estimate: CallEstimate, rules: readonly BudgetRule[]): Promise<Reservation | BudgetExceeded> {
    for (const rule of rules) {
      // What is under way counts as it was reserved, also when its record comes while the sum is read.
      const underWay = [...open.values()]
      const sum = await usage.sum(rule.scope, estimate.currency, [...open.keys()])
      const more = underWay.filter((call) => inScope(call, rule.scope))
      const tokens = more.reduce((total, call) => total + call.tokens, sum.tokens)
      const paid = more.filter(({ currency }) => currency === estimate.currency)
      const costMicros = paid.reduce((total, call) => total + (call.costMicros ?? 0), sum.costMicros)
      const message = excess(rule, estimate, { tokens, costMicros, calls: sum.calls + more.length })
      if (message !== null) return { rule, message }
    }
    open.set(estimate.call, { ...estimate, since: now() })
    return { release: () => void open.delete(estimate.call) }
  }

  return {
    reserve(estimate, rules) {
      const mine = last.then(() => weigh(estimate, rules))
      last = mine.catch(() => {})
      return mine
    },
  }
}

export function isExceeded(answer: Reservation | BudgetExceeded): answer is BudgetExceeded {
  return 'rule' in answer
}

function inScope(call: Open, { run, since }: UsageScope): boolean {
  return (run === undefined || run === call.run) && (since === undefined || call.since >= since)
}

function excess(
  { name, limit }: BudgetRule,
  estimate: CallEstimate,
  { tokens, costMicros, calls }: UsageSum,
): string | null {
  if (limit.calls !== undefined && calls >= limit.calls)
    return `The budget \`${name}\` of ${limit.calls} calls of the model is used up.`
  if (limit.tokens !== undefined && tokens + estimate.tokens > limit.tokens) {
    const left = Math.max(limit.tokens - tokens, 0)
    return `The budget \`${name}\` of ${limit.tokens} tokens has ${left} left; this call may take ${estimate.tokens}.`
  }
  const cost = estimate.costMicros ?? 0
  if (limit.cost === undefined || costMicros + cost <= limit.cost * MICROS) return null
  const left = Math.max(limit.cost - costMicros / MICROS, 0).toFixed(4)
  const needed = `this call may cost ${(cost / MICROS).toFixed(4)}`
  return `The budget \`${name}\` of ${limit.cost} ${estimate.currency} has ${left} left; ${needed}.`
}

const DAY_MS = 24 * 60 * 60 * 1000

/** What the configuration may bound, each for itself. */
export interface BudgetLimits {
  run?: Budget | undefined
  /** By name of the task: for each of its runs. */
  tasks?: Readonly<Record<string, Budget>>
  /** All runs of a day, in UTC. */
  day?: Budget | undefined
  /** All runs that there is a record of. */
  total?: Budget | undefined
}

/** The budgets that a call falls under which is made now. */
export function budgetRules(
  { run, tasks = {}, day, total }: BudgetLimits,
  call: { run: string; task: string; now: number },
): BudgetRule[] {
  const task = own(tasks, call.task)
  const rules = [
    { name: 'run', scope: { run: call.run }, limit: run },
    { name: 'task', scope: { run: call.run }, limit: task },
    { name: 'day', scope: { since: call.now - (call.now % DAY_MS) }, limit: day },
    { name: 'total', scope: {}, limit: total },
  ]
  return rules.flatMap(({ limit, ...rule }) => (limit === undefined ? [] : [{ ...rule, limit }]))
}
