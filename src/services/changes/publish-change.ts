// Publish a change whose gate is open: push it to the forge as a branch of its own.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import { platformEvent } from '../../domain/event.ts'
import type { ServiceParts } from '../parts.ts'
import { forgeRequest, passGate } from './pass-gate.ts'
import { describeChange, findChange, oneAtATime } from './read-changes.ts'
import { ServiceError } from '../types.ts'

export async function publishChange(parts: ServiceParts, actor: Actor, id: string): Promise<ChangeDetail> {
  return oneAtATime(parts, id, async () => {
    const { change } = await passGate(parts, actor, id, 'publish')
    if (change.published)
      throw new ServiceError('wrong-state', `change ${id} is published already, as branch ${change.publishAs}`)
    const branch = change.publishAs
    await parts.openForge(change.repository).publish({ ...forgeRequest(parts, actor, change), branch })
    await parts.store.transact(async (tx) => {
      await tx.changes.update(id, { published: true })
      await tx.record([
        platformEvent(change.run, 'change.published', { change: id, branch, commit: change.commit }, actor),
      ])
    })
    return describeChange(parts, await findChange(parts, id))
  })
}
