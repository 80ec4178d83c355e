// The budgets that a run's calls of models fall under: what the configuration says for each run, this task, a day and all
// time, and what the step that is under way may spend.
import type { Budget, Budgets } from '../domain/connection.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Run } from '../domain/run.ts'
import type { BudgetRule } from '../gateway/model/budgets.ts'

export interface Spending {
  /** As of now. */
  rules(): readonly BudgetRule[]
  /** Bounds what is spent from now until it is disposed of, as well; one at a time. */
  bound(step: string, limit: BudgetRule['limit']): Disposable
}

const DAY_MS = 24 * 60 * 60 * 1000

export function openSpending(run: Pick<Run, 'id' | 'task'>, budgets: Budgets, ids: IdSource): Spending {
  let ofStep: BudgetRule | null = null
  const task = Object.hasOwn(budgets.tasks, run.task) ? budgets.tasks[run.task] : undefined
  return {
    rules() {
      const now = ids.now()
      const named: readonly [string, Budget | undefined, BudgetRule['scope']][] = [
        ['run', budgets.run, { run: run.id }],
        [`task ${run.task}`, task, { run: run.id }],
        ['day', budgets.day, { since: now - (now % DAY_MS) }],
        ['total', budgets.total, {}],
      ]
      const configured = named.flatMap(([name, limit, scope]) => (limit === undefined ? [] : [{ name, scope, limit }]))
      return ofStep === null ? configured : [ofStep, ...configured]
    },
    bound(step, limit) {
      ofStep = { name: `step ${step}`, scope: { run: run.id, since: ids.now() }, limit }
      return { [Symbol.dispose]: () => void (ofStep = null) }
    },
  }
}
