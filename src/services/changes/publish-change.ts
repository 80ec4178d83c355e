// Use case: publish a change whose gate is open as a new branch on the forge.
import type { Answer, Call } from '../../contract/call.ts'
import type { Change } from '../../domain/change.ts'
import { platformEvent } from '../../domain/event.ts'
import type { ChangeFields, Transaction } from '../../store/types.ts'
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
      await tx.changes.update(id, await publishedFields(tx, change))
      await tx.record([
        platformEvent(change.run, 'change.published', { change: id, branch, commit: change.commit }, actor),
      ])
    })
    return describeChange(parts, await changeById(parts, id))
  })
}

/** If an attempt moved the change while its earlier commit was pushed, that commit has taken the branch. */
async function publishedFields(tx: Transaction, { id, commit, publishAs }: Change): Promise<ChangeFields> {
  const current = await tx.changes.get(id)
  if (current === null || current.commit === commit) return { published: true }
  return current.publishAs === publishAs ? { publishAs: `${publishAs}-${current.attempts.length}` } : {}
}
