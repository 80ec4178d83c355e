// Use case: publish a change whose gate is open as a new branch on the forge.
import type { Answer, Call } from '../../contract/call.ts'
import { platformEvent } from '../../domain/event.ts'
import type { AuthoriseParts } from '../authorise.ts'
import { ServiceError } from '../types.ts'
import { describeChange } from './describe-change.ts'
import { authorisedChange, changeById } from './find-change.ts'
import { type LeaseParts, oneAtATime } from './one-at-a-time.ts'
import { forgeRequest, passGate } from './pass-gate.ts'
import type { SettleParts } from './settle-merge.ts'

export async function publishChange(
  parts: AuthoriseParts & SettleParts & LeaseParts,
  call: Call<'publishChange'>,
): Promise<Answer<'publishChange'>> {
  const { id } = (await authorisedChange(parts, call)).change
  const { actor } = call.caller
  return oneAtATime(parts, id, async () => {
    const { change } = await passGate(parts, id, 'publish')
    if (change.published)
      throw new ServiceError('wrong-state', `change ${id} is already published as branch ${change.publishAs}`)
    const branch = change.publishAs
    await parts.openForge(change.repository).git.publish({ ...(await forgeRequest(parts, actor, change)), branch })
    await parts.store.transact(async (tx) => {
      await tx.changes.update(id, { published: true })
      await tx.record([
        platformEvent(change.run, 'change.published', { change: id, branch, commit: change.commit }, actor),
      ])
    })
    return describeChange(parts, await changeById(parts, id))
  })
}
