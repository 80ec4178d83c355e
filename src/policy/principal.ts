// The principal of a question: a caller as a Cedar entity.
import type { Caller } from '../domain/caller.ts'
import { actorKind, actorName } from '../domain/actor.ts'
import type { EntityRef } from './types.ts'

export type Asker = Pick<Caller, 'actor' | 'roles' | 'teams'>

/** null for code in a sandbox and for Glovebox itself: policies about people and services don't apply to them. */
export function principalOf({ actor, roles, teams }: Asker, declaredServices: readonly string[]): EntityRef | null {
  const name = actorName(actor)
  switch (actorKind(actor)) {
    case 'user':
      return { type: 'User', id: name, attributes: { name, roles }, teams }
    case 'service': {
      const declared = declaredServices.includes(name)
      const attributes = { name, declared, ...(actor.via === undefined ? {} : { via: actor.via }) }
      return { type: 'Service', id: name, attributes, teams }
    }
    default:
      return null
  }
}
