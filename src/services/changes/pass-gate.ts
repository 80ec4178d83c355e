// What merging and publishing have in common: one at a time for each change, allowed by policy, in a state that permits
// it, with a gate that is open now. Decisions on the same change wait meanwhile, so that none slips in between the
// gate's answer and the forge.
import type { Actor } from '../../domain/actor.ts'
import type { AdvisoryReport, Change } from '../../domain/change.ts'
import { changeCan } from '../../domain/change.ts'
import type { GateCondition } from '../../domain/gate.ts'
import { gateIsOpen } from '../../domain/gate.ts'
import type { MergeRequest } from '../../forges/types.ts'
import { authorise } from '../authorise.ts'
import { decisionContext } from './decide-change.ts'
import type { ServiceParts } from '../parts.ts'
import { changeEntity, describeChange, findChange, quarantineOf } from './read-changes.ts'
import { ServiceError } from '../types.ts'

export interface Passed {
  change: Change
  advisories: AdvisoryReport | null
}

const DONE = { merge: 'merged', publish: 'published' } as const

/** Rejects with `refused`, `wrong-state` or `gate-closed`. */
export async function passGate(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  verb: keyof typeof DONE,
): Promise<Passed> {
  const change = await findChange(parts, id)
  await authorise(parts, actor, {
    action: `change.${verb}`,
    resource: changeEntity(change),
    context: decisionContext(change, null),
    run: change.run,
  })
  if (!changeCan(verb, change.status))
    throw new ServiceError('wrong-state', `change ${id} is ${change.status} and can't be ${DONE[verb]}`)
  const { gate, advisories } = await describeChange(parts, change)
  if (!gateIsOpen(gate))
    throw new ServiceError('gate-closed', `the gate of change ${id} is closed`, { details: unmet(gate) })
  return { change, advisories }
}

/** What a forge needs to know of a change that it is given. */
export function forgeRequest(
  parts: ServiceParts,
  actor: Actor,
  change: Change,
): Omit<MergeRequest, 'base' | 'target' | 'message'> {
  return { quarantine: quarantineOf(parts, change), commit: change.commit, actor, time: parts.ids.now() }
}

function unmet(gate: readonly GateCondition[]): string[] {
  return gate.filter((condition) => !condition.met).map((condition) => `${condition.name}: ${condition.detail}`)
}
