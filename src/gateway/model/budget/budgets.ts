// Budgets of runs for models. Before a call is sent, it is checked against every budget that applies: the recorded usage
// (store/model-usage-table.ts), plus the reservations of open calls, plus the reservation of this call.
import type { Budget } from '../../../domain/budget.ts'
import { MICROS } from '../../../domain/budget.ts'
import type { UsageScope, UsageSum, UsageTable } from '../../../store/types.ts'
import { own } from '../../../domain/own.ts'

/** One budget: a limit, and the calls that count against it. `cost` counts calls in the currency of the connection. */
export interface BudgetRule {
  /** Name for people, such as `run` or `day`; refusals contain it. */
  name: string
  scope: UsageScope
  limit: Budget & { calls?: number }
}

export interface CallEstimate {
  /** Id of the call in its events. */
  call: string
  run: string
  tokens: number
  costMicros: number | null
  currency: string
}

export interface BudgetExceeded {
  rule: BudgetRule
  /** Message for the client with the remaining and the needed amount. */
  message: string
}

export interface Reservation {
  /** Ends the reservation. Call it after `model.called` is recorded, or if it will never be recorded. */
  release(): void
}

/** The budgets of all runs of an instance. */
export interface ModelBudgets {
  /** Checks calls one at a time, so that concurrent calls together cannot exceed a budget. */
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
      // Open calls count with their reservation, even if they are recorded while the sum is read.
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

/** The budgets that the configuration can set. */
export interface BudgetLimits {
  run?: Budget | undefined
  /** Budget of each run of a task, by the name of the task. */
  tasks?: Readonly<Record<string, Budget>>
  /** Budget of all runs of a day, in UTC. */
  day?: Budget | undefined
  /** Budget of all recorded runs. */
  total?: Budget | undefined
}

/** The budgets that apply to a call that is made now. */
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
