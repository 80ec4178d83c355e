// Asks the policies for a caller, with the action that the contract's row names: a service cannot ask for another one.
// Decisions on what changes something are recorded whatever the answer; of what only reads, denials are (a reader of a
// trace would otherwise grow it by reading).
import type { Call } from '../contract/call.ts'
import type { Permission } from '../contract/permissions.ts'
import { ENDPOINTS, type EndpointName } from '../contract/table.ts'
import { actorKind } from '../domain/actor.ts'
import type { DecisionSummary } from '../domain/events/fields.ts'
import type { Attributes, EntityRef } from '../policy/types.ts'
import { askPolicies, decideFor, refusalText } from '../runner/ask-policies.ts'
import type { ServiceParts } from './parts.ts'
import { ServiceError } from './types.ts'

export type AuthoriseParts = Pick<ServiceParts, 'policy' | 'store' | 'declaredServices'>

/** What of a call authorisation needs. */
export type Asking = Pick<Call<EndpointName>, 'endpoint' | 'caller'>

export interface Question {
  resource: EntityRef
  context?: Attributes
  /** The run in whose trace the answer belongs; null: the instance's own. */
  run: string | null
}

/** Whether the caller may do with this thing what its call wants. */
export type Permits = (thing: EntityRef, context?: Attributes) => boolean

const READS: ReadonlySet<Permission> = new Set<Permission>([
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

/** Rejects with ServiceError `refused`; resolves with the ids of the policies that permitted it. */
export async function authorise(parts: AuthoriseParts, call: Asking, question: Question): Promise<DecisionSummary> {
  const { caller } = call
  const action = ENDPOINTS[call.endpoint].permission
  if (!['user', 'service'].includes(actorKind(caller.actor)))
    throw new ServiceError('unauthenticated', `${caller.actor.id} is neither a person nor a service`)
  const ask = { action, ...question }
  const decision = await askPolicies(parts, caller, ask, ({ allowed }) => !allowed || !READS.has(action))
  if (decision.allowed) return { allowed: true, reasons: decision.reasons }
  throw new ServiceError('refused', refusalText(caller.actor, ask, decision), {
    details: decision.errors.map((error) => `error while deciding: ${error}`),
    cure: 'see `glovebox policy list` for what the policies say',
  })
}

/**
 * For lists: rejects unless the caller may list at all; the answer says of each thing whether it may be in the list. A
 * list shows nothing that the policies would refuse to show by itself.
 */
export async function authoriseList(parts: AuthoriseParts, call: Asking): Promise<Permits> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  return permits(parts, call)
}

/** What the policies say of one thing after another; nothing is recorded. Default: of what the call wants. */
export function permits(
  parts: AuthoriseParts,
  { endpoint, caller }: Asking,
  action: Permission = ENDPOINTS[endpoint].permission,
): Permits {
  return (resource, context) => decideFor(parts, caller, { action, resource, context }).allowed
}
