// Precondition of merging and publishing: a permitting state and an open gate. Decisions on the same change wait
// meanwhile (one-at-a-time.ts), so that none comes between the gate's answer and the forge.
import type { Actor } from '../../domain/actor.ts'
import type { AdvisoryReport, Change } from '../../domain/change.ts'
import { changeCan } from '../../domain/change.ts'
import type { GateCondition } from '../../domain/gate.ts'
import { gateIsOpen } from '../../domain/gate.ts'
import type { MergeRequest } from '../../forges/types.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'
import { describeChange, type DescribeParts } from './describe-change.ts'
import { changeById } from './find-change.ts'
import { quarantineOf } from './quarantine-of.ts'

export interface Passed {
  change: Change
  advisories: AdvisoryReport | null
}

const DONE = { merge: 'merged', publish: 'published' } as const

/** Reads the change again. Rejects with `wrong-state` or `gate-closed`. */
export async function passGate(parts: DescribeParts, id: string, verb: keyof typeof DONE): Promise<Passed> {
  const change = await changeById(parts, id)
  if (!changeCan(verb, change.status))
    throw new ServiceError('wrong-state', `change ${id} is ${change.status} and can't be ${DONE[verb]}`)
  const { gate, advisories } = await describeChange(parts, change)
  if (!gateIsOpen(gate))
    throw new ServiceError('gate-closed', `the gate of change ${id} is closed`, { details: unmet(gate) })
  return { change, advisories }
}

/** Facts about a change that a forge needs. */
export async function forgeRequest(
  parts: DescribeParts & Pick<ServiceParts, 'ids'>,
  actor: Actor,
  change: Change,
): Promise<Omit<MergeRequest, 'base' | 'target' | 'message'>> {
  return { quarantine: await quarantineOf(parts, change), commit: change.commit, actor, time: parts.ids.now() }
}

function unmet(gate: readonly GateCondition[]): string[] {
  return gate.filter((condition) => !condition.met).map((condition) => `${condition.name}: ${condition.detail}`)
}
