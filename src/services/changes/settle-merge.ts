// Settlement of a merge whose answer from the forge was lost, by a crash or a broken connection. It asks the forge for
// the result.
import { RUNNER } from '../../domain/actor.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Change } from '../../domain/change.ts'
import type { MergeResult } from '../../forges/types.ts'
import { platformEvent } from '../../domain/event.ts'
import type { ServiceParts } from '../parts.ts'
import type { DescribeParts } from './describe-change.ts'
import { quarantineOf } from './quarantine-of.ts'
import { eventsOf } from '../runs/stored-results.ts'

export type SettleParts = DescribeParts & Pick<ServiceParts, 'ids' | 'openForge'>

export const LOST_ANSWER = 'Glovebox ended before it knew whether the forge took it'

/** Resolves with the change: `merged`, `approved` again, or unchanged. Call it only under the change's lease. */
export async function settleMerge(parts: SettleParts, change: Change, detail: string): Promise<Change> {
  if (change.status !== 'merging') return change
  const { commit, target } = change
  const found = await parts
    .openForge(change.repository)
    .git.findMerge({ quarantine: await quarantineOf(parts, change), commit, target })
  if (found !== null) return recordMerge(parts, change, await whoAsked(parts, change), found)
  return parts.store.transact(async (tx) => {
    const settled = await tx.changes.update(change.id, { state: 'open' }, { expect: { state: ['merging'] } })
    const body = { change: change.id, target, commit, outcome: 'not taken' as const, detail: detail.slice(0, 2000) }
    await tx.record([platformEvent(change.run, 'change.merging', body)])
    return settled
  })
}

export async function recordMerge(
  parts: SettleParts,
  change: Change,
  actor: Actor,
  merged: MergeResult,
): Promise<Change> {
  return parts.store.transact(async (tx) => {
    const fields = { state: 'merged' as const, mergeCommit: merged.commit }
    const settled = await tx.changes.update(change.id, fields, { expect: { state: ['merging'] } })
    const body = { change: change.id, target: change.target, commit: merged.commit, kind: merged.kind }
    await tx.record([platformEvent(change.run, 'change.merged', body, actor)])
    return settled
  })
}

async function whoAsked(parts: SettleParts, { id, run }: Change): Promise<Actor> {
  const asked = await eventsOf(parts, run, 'change.merging')
  return asked.findLast(({ body }) => body.change === id && body.outcome === 'asked')?.actor ?? RUNNER
}
