// A person approves or rejects the commit that they saw.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Change, Decision } from '../../domain/change.ts'
import { changeCan } from '../../domain/change.ts'
import type { Attributes } from '../../policy/types.ts'
import { platformEvent } from '../../domain/event.ts'
import { authorise } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { changeEntity, describeChange, findChange, oneAtATime } from './read-changes.ts'
import { LOST_ANSWER, settleMerge } from './settle-merge.ts'
import { ServiceError } from '../types.ts'

const VERBS = { approved: 'approve', rejected: 'reject' } as const

export async function decideChange(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  decision: Decision['decision'],
  reason: string | null,
): Promise<ChangeDetail> {
  return oneAtATime(parts, id, () => decide(parts, actor, id, decision, reason))
}

async function decide(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  decision: Decision['decision'],
  reason: string | null,
): Promise<ChangeDetail> {
  const verb = VERBS[decision]
  const change = await findChange(parts, id)
  const { reasons } = await authorise(parts, actor, {
    action: `change.${verb}`,
    resource: changeEntity(change),
    context: decisionContext(change, reason),
    run: change.run,
  })
  await settleMerge(parts, change, LOST_ANSWER)
  const decided = await parts.store.transact(async (tx) => {
    const current = await tx.changes.get(id)
    if (!current || !changeCan(verb, current.status))
      throw new ServiceError('wrong-state', `change ${id} is ${current?.status ?? 'gone'} and can't be ${decision}`)
    if (current.commit !== change.commit)
      throw new ServiceError('wrong-state', `change ${id} moved to another commit; look at it again`)
    const entry: Decision = {
      actor,
      decision,
      commit: current.commit,
      reason,
      policies: [...reasons],
      time: parts.ids.now(),
    }
    await tx.decisions.insert({ change: id, ...entry })
    const body = { change: id, decision, commit: current.commit, reason, policies: [...reasons] }
    await tx.record([platformEvent(change.run, 'change.decided', body, actor)])
    return (await tx.changes.get(id)) ?? current
  })
  return describeChange(parts, decided)
}

/** What the policies are told about a decision: who asked for the run, and what it touches. */
export function decisionContext(change: Change, reason: string | null): Attributes {
  const { repository, target, commit, requester } = change
  return {
    requester: requester.id,
    ...(requester.via ? { requesterVia: requester.via } : {}),
    ...(reason === null ? {} : { reason }),
    repository,
    target,
    commit,
  }
}
