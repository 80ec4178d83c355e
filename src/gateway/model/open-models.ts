// What all runs share of models - connections to providers, keys, budgets - and what one run may use of it.
import type { SecretReader } from '../../credentials/types.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { UsageTable } from '../../store/types.ts'
import type { Outgoing } from '../../outgoing/settings.ts'
import type { GatewayContext, GatewayService } from '../types.ts'
import { budgetRules, createModelBudgets, type BudgetLimits, type BudgetRule } from './budget/budgets.ts'
import { DEFAULT_MODEL_LIMITS, type ModelLimits } from './limits.ts'
import { createModelService } from './model-service.ts'
import { createOutages } from './outages.ts'
import { createModelUpstream } from './upstream.ts'

export interface ModelsOptions {
  secrets: SecretReader
  usage: UsageTable
  /** Milliseconds since the epoch, as the store has them. */
  now: () => number
  limits?: Partial<ModelLimits>
  /** What providers are verified with; default: what this machine trusts. */
  certificates?: () => readonly string[]
  /** How this machine reaches the outside; default: directly. */
  outgoing?: Outgoing
}

export interface RunModelsOptions {
  run: string
  /** Name of the task that the run belongs to. */
  task: string
  /** Those that this run may use. */
  connections: readonly ModelConnection[]
  budgets: BudgetLimits
}

/** What one run may use of models. */
export interface RunModels {
  readonly connections: readonly ModelConnection[]
  /**
   * A budget for the calls from now on, beside those of the run, that goes by the name of the step; null: no more of it.
   * Meanwhile the step gives up a provider that gives no answer (outages.ts).
   */
  limitStep(step: string, limit: BudgetRule['limit'] | null): void
  service(context: GatewayContext): GatewayService
}

export interface Models extends AsyncDisposable {
  forRun(options: RunModelsOptions): RunModels
}

export function openModels({ secrets, usage, now, limits: given, certificates, outgoing }: ModelsOptions): Models {
  const limits = { ...DEFAULT_MODEL_LIMITS, ...given }
  const upstream = createModelUpstream(limits, certificates, outgoing)
  const budgets = createModelBudgets(usage, now)
  return {
    forRun({ run, task, connections, budgets: bounds }) {
      let step: BudgetRule | null = null
      const outages = createOutages(limits.missesInARow)
      const rules = (): BudgetRule[] => [
        ...budgetRules(bounds, { run, task, now: now() }),
        ...(step === null ? [] : [step]),
      ]
      return {
        connections,
        limitStep(name, limit) {
          outages.watch(limit === null ? null : name)
          step = limit === null ? null : { name: `step ${name}`, scope: { run, since: now() }, limit }
        },
        service: (context) =>
          createModelService({ context, connections, secrets, upstream, budgets, rules, outages, limits }),
      }
    },
    [Symbol.asyncDispose]: () => upstream[Symbol.asyncDispose](),
  }
}
