// Use case: merge a change whose gate is open, on the host, with one merge commit that names run and change.
import type { Answer, Call } from '../../contract/call.ts'
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import { platformEvent } from '../../domain/event.ts'
import { mergeMessage } from '../../domain/merge-message.ts'
import type { AuthoriseParts } from '../authorise.ts'
import { describeChange } from './describe-change.ts'
import { authorisedChange, changeById } from './find-change.ts'
import { type LeaseParts, oneAtATime } from './one-at-a-time.ts'
import type { Passed } from './pass-gate.ts'
import { forgeRequest, passGate } from './pass-gate.ts'
import { LOST_ANSWER, recordMerge, settleMerge, type SettleParts } from './settle-merge.ts'

export async function mergeChange(
  parts: AuthoriseParts & SettleParts & LeaseParts,
  call: Call<'mergeChange'>,
): Promise<Answer<'mergeChange'>> {
  const { id } = (await authorisedChange(parts, call)).change
  return oneAtATime(parts, id, async () => {
    const passed = await passGate(parts, id, 'merge')
    if (passed.change.status === 'merging') {
      const settled = await settleMerge(parts, passed.change, LOST_ANSWER)
      if (settled.status === 'merged') return describeChange(parts, settled)
    }
    return merge(parts, call.caller.actor, passed)
  })
}

async function merge(parts: SettleParts, actor: Actor, { change, advisories }: Passed): Promise<ChangeDetail> {
  const { id, run, target, base, commit } = change
  // Recorded before the forge gets the merge, so that after a crash the change never counts as unmerged.
  await parts.store.transact(async (tx) => {
    const expect = { state: ['open', 'merging'], commit, decisions: change.decisions.length } as const
    await tx.changes.update(id, { state: 'merging' }, { expect })
    const body = { change: id, target, commit, outcome: 'asked' as const, detail: null }
    await tx.record([platformEvent(run, 'change.merging', body, actor)])
  })
  try {
    const request = {
      ...(await forgeRequest(parts, actor, change)),
      base,
      target,
      message: mergeMessage(change, advisories),
    }
    const merged = await parts.openForge(change.repository).git.merge(request)
    return await describeChange(parts, await recordMerge(parts, change, actor, merged))
  } catch (error) {
    // The forge may have merged in spite of the error. If that can't be found out now, the change stays `merging`, and
    // the next merge, publication or decision starts by asking the forge.
    const detail = error instanceof Error ? error.message : String(error)
    const left = await settleMerge(parts, await changeById(parts, id), detail).catch(() => null)
    if (left?.status === 'merged') return describeChange(parts, left)
    throw error
  }
}
