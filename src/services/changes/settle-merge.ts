// A merge that the forge was asked for and whose answer was lost, by a crash or a connection that broke: the forge
// knows how it went.
import { RUNNER } from '../../domain/actor.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Change } from '../../domain/change.ts'
import type { MergeResult } from '../../forges/types.ts'
import { platformEvent } from '../../domain/event.ts'
import type { ServiceParts } from '../parts.ts'
import { quarantineOf } from './read-changes.ts'
import { eventsOf } from '../runs/stored-results.ts'

export const LOST_ANSWER = 'Glovebox ended before it knew whether the forge took it'

/** The change as it stands: `merged`, `approved` again, or as it was. Call it when nothing else works on the change. */
export async function settleMerge(parts: ServiceParts, change: Change, detail: string): Promise<Change> {
  if (change.status !== 'merging') return change
  const { commit, target } = change
  const found = await parts
    .openForge(change.repository)
    .findMerge({ quarantine: quarantineOf(parts, change), commit, target })
  if (found !== null) return recordMerge(parts, change, await whoAsked(parts, change), found)
  return parts.store.transact(async (tx) => {
    await tx.changes.update(change.id, { status: 'approved' })
    const body = { change: change.id, target, commit, outcome: 'not taken' as const, detail: detail.slice(0, 2000) }
    await tx.record([platformEvent(change.run, 'change.merging', body)])
    return { ...change, status: 'approved' as const }
  })
}

export async function recordMerge(
  parts: ServiceParts,
  change: Change,
  actor: Actor,
  merged: MergeResult,
): Promise<Change> {
  const fields = { status: 'merged' as const, mergeCommit: merged.commit }
  await parts.store.transact(async (tx) => {
    await tx.changes.update(change.id, fields)
    const body = { change: change.id, target: change.target, commit: merged.commit, kind: merged.kind }
    await tx.record([platformEvent(change.run, 'change.merged', body, actor)])
  })
  return { ...change, ...fields }
}

async function whoAsked(parts: ServiceParts, { id, run }: Change): Promise<Actor> {
  const asked = await eventsOf(parts, run, 'change.merging')
  return asked.findLast(({ body }) => body.change === id && body.outcome === 'asked')?.actor ?? RUNNER
}
