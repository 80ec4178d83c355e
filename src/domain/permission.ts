// From two answers of the policies to what becomes of an agent's permission request.
import type { DecisionSummary } from './events/fields.ts'

export interface PermissionDecisions {
  /** `agent.act`: it may, at once. */
  act: PermissionAnswer
  /** `agent.ask`: a person may be asked. */
  ask: PermissionAnswer
}

export interface PermissionAnswer extends DecisionSummary {
  errors: readonly string[]
}

export interface Permission {
  outcome: 'allowed' | 'ask' | 'denied'
  /** Ids of the policies that decided; empty where none permits either. */
  reasons: readonly string[]
  errors: readonly string[]
}

/** What could not be decided is denied, and so is what may neither be done nor be asked for. */
export function permissionOf({ act, ask }: PermissionDecisions): Permission {
  const errors = [...new Set([...act.errors, ...ask.errors])]
  if (errors.length > 0) return { outcome: 'denied', reasons: [], errors }
  if (act.allowed) return { outcome: 'allowed', reasons: act.reasons, errors }
  if (ask.allowed) return { outcome: 'ask', reasons: ask.reasons, errors }
  return { outcome: 'denied', reasons: [...new Set([...act.reasons, ...ask.reasons])].toSorted(), errors }
}
