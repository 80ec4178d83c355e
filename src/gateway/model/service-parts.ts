// What the model service stands on, and what all of its calls share.
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
  /** Those that this run may use; a name that is not among them is refused like one that does not exist. */
  connections: readonly ModelConnection[]
  secrets: SecretReader
  upstream: ModelUpstream
  budgets: ModelBudgets
  /** The budgets that a call falls under now. */
  rules: () => readonly BudgetRule[]
  outages: Outages
  limits?: Partial<ModelLimits>
}

export interface SharedParts extends ModelServiceOptions {
  limits: ModelLimits
  newCall: () => string
  headers: HeaderKeeper
  /** What has to be over before the gateway is closed. */
  working: (job: Promise<void>) => void
}
