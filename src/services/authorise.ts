// Authorisation of a caller by the policies. The action comes from the contract's row, so a service can't ask for
// another one. Every decision on a change is recorded; for reads only denials are, because a reader would otherwise
// grow the trace.
import type { Call } from '../contract/call.ts'
import type { Permission } from '../contract/permissions.ts'
import { ENDPOINTS, type EndpointName } from '../contract/table.ts'
import { actorKind } from '../domain/actor.ts'
import type { DecisionSummary } from '../domain/events/fields.ts'
import type { Attributes, EntityRef, PolicyEngine } from '../policy/types.ts'
import { askPolicies, decideFor, refusalText } from '../runner/ask-policies.ts'
import type { ServiceParts } from './parts.ts'
import { ServiceError } from './types.ts'

export type AuthoriseParts = Pick<ServiceParts, 'store' | 'declaredServices'> & {
  policy: Pick<PolicyEngine, 'decide'>
}

/** The parts of a call that authorisation needs. */
export type Asking = Pick<Call<EndpointName>, 'endpoint' | 'caller'>

export interface Question {
  resource: EntityRef
  context?: Attributes
  /** The run whose trace gets the answer; null: the instance's own trace. */
  run: string | null
}

/** Whether the caller may perform its call's action on this thing. */
export type Permits = (thing: EntityRef, context?: Attributes) => boolean

/** Permissions that let nobody change anything. */
export const READ_PERMISSIONS: ReadonlySet<string> = new Set<Permission>([
  'run.read',
  'change.read',
  'task.read',
  'policy.read',
  'instance.read',
  'audit.read',
  'credential.read',
  'connection.read',
])

export const INSTANCE: EntityRef = { type: 'Instance', id: 'glovebox', attributes: {} }

/** Resolves with the ids of the policies that permitted the call. Rejects with ServiceError `refused`. */
export async function authorise(parts: AuthoriseParts, call: Asking, question: Question): Promise<DecisionSummary> {
  const { caller } = call
  const action = ENDPOINTS[call.endpoint].permission
  if (!['user', 'service'].includes(actorKind(caller.actor)))
    throw new ServiceError('unauthenticated', `${caller.actor.id} is neither a person nor a service`)
  const ask = { action, ...question }
  const decision = await askPolicies(parts, caller, ask, ({ allowed }) => !allowed || !READ_PERMISSIONS.has(action))
  if (decision.allowed) return { allowed: true, reasons: decision.reasons }
  throw new ServiceError('refused', refusalText(caller.actor, ask, decision), {
    details: decision.errors.map((error) => `error while deciding: ${error}`),
    cure: 'see `glovebox policy list` for the policies',
  })
}

/**
 * Authorises a list. Rejects unless the caller may list at all. The returned function says whether an item may be in
 * the list: a list shows no item that the policies would refuse to show by itself.
 */
export async function authoriseList(parts: AuthoriseParts, call: Asking): Promise<Permits> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  return permits(parts, call)
}

/** Asks the policies about one thing after another, without a record. Default action: the call's. */
export function permits(
  parts: AuthoriseParts,
  { endpoint, caller }: Asking,
  action: Permission = ENDPOINTS[endpoint].permission,
): Permits {
  return (resource, context) => decideFor(parts, caller, { action, resource, context }).allowed
}
