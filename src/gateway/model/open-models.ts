// Opens the model services: the parts that all runs share (connections to providers, keys, budgets), and those of one run.
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
  /** The store's clock, in milliseconds since the epoch. */
  now: () => number
  limits?: Partial<ModelLimits>
  /** CA certificates for verifying providers. Default: those that this machine trusts. */
  certificates?: () => readonly string[]
  /** Proxy settings of this machine. Default: no proxy. */
  outgoing?: Outgoing
}

export interface RunModelsOptions {
  run: string
  /** Name of the task that the run belongs to. */
  task: string
  /** Connections that this run may use. */
  connections: readonly ModelConnection[]
  budgets: BudgetLimits
}

/** The model service of one run. */
export interface RunModels {
  readonly connections: readonly ModelConnection[]
  /**
   * Adds a budget for the calls of a step, besides the budgets of the run; null removes it. While it is set, calls to a
   * provider that repeatedly gives no answer are refused (outages.ts).
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
