// Combines two policy answers into the decision on an agent's permission request.
import type { DecisionSummary } from './events/fields.ts'

export interface PermissionDecisions {
  /** `agent.act`: the agent may act at once. */
  act: PermissionAnswer
  /** `agent.ask`: the request may be put to a person. */
  ask: PermissionAnswer
}

export interface PermissionAnswer extends DecisionSummary {
  errors: readonly string[]
}

export interface Permission {
  outcome: 'allowed' | 'ask' | 'denied'
  /** Ids of the policies that decided; empty if no policy permits either action. */
  reasons: readonly string[]
  errors: readonly string[]
}

/** Denies on any error, and if neither acting nor asking is permitted. */
export function permissionOf({ act, ask }: PermissionDecisions): Permission {
  const errors = [...new Set([...act.errors, ...ask.errors])]
  if (errors.length > 0) return { outcome: 'denied', reasons: [], errors }
  if (act.allowed) return { outcome: 'allowed', reasons: act.reasons, errors }
  if (ask.allowed) return { outcome: 'ask', reasons: ask.reasons, errors }
  return { outcome: 'denied', reasons: [...new Set([...act.reasons, ...ask.reasons])].toSorted(), errors }
}
