// The parts that the model service needs, and those that all its calls share.
import type { SecretReader } from '../../credentials/types.ts'
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { HeaderKeeper } from '../kept-headers.ts'
import type { GatewayContext } from '../types.ts'
import type { BudgetRule, ModelBudgets } from './budget/budgets.ts'
import type { ModelLimits } from './limits.ts'
import type { Outages } from './outages.ts'
import type { ModelUpstream } from './upstream.ts'

export interface ModelServiceOptions {
  context: GatewayContext
  /** Connections that this run may use. Other names are refused as if they did not exist. */
  connections: readonly ModelConnection[]
  secrets: SecretReader
  upstream: ModelUpstream
  budgets: ModelBudgets
  /** The budgets that apply to a call now. */
  rules: () => readonly BudgetRule[]
  outages: Outages
  limits?: Partial<ModelLimits>
}

export interface SharedParts extends ModelServiceOptions {
  limits: ModelLimits
  newCall: () => string
  headers: HeaderKeeper
  /** Registers a job that must end before the gateway closes. */
  working: (job: Promise<void>) => void
}
