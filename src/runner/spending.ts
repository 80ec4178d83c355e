// The budgets that a run's calls of models fall under: what the configuration says, and what the step that is under way may
// spend.
import type { Budget, Budgets } from '../domain/connection.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Run } from '../domain/run.ts'
import type { BudgetRule } from '../gateway/model/budgets.ts'
import { budgetRules } from '../gateway/model/budgets.ts'

export interface Spending {
  /** As of now. */
  rules(): readonly BudgetRule[]
  /** Bounds what is spent from now until it is disposed of, as well; one at a time. */
  bound(step: string, budget: Budget): Disposable
}

export function openSpending(run: Pick<Run, 'id' | 'task'>, budgets: Budgets, ids: IdSource): Spending {
  let ofStep: BudgetRule | null = null
  return {
    rules() {
      const configured = budgetRules(budgets, { run: run.id, task: run.task, now: ids.now() })
      return ofStep === null ? configured : [ofStep, ...configured]
    },
    bound(step, limit) {
      ofStep = { name: `step ${step}`, scope: { run: run.id, since: ids.now() }, limit }
      return { [Symbol.dispose]: () => void (ofStep = null) }
    },
  }
}
