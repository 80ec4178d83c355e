// The end of another attempt at a change: moves the change to the commit of the attempt. Everything that was found in the
// earlier commit stays on the record of the run that proposed it.
import { type Change, changeCan } from '../../domain/change.ts'
import { platformEvent } from '../../domain/event.ts'
import { START_BRANCH } from '../../domain/run.ts'
import { treeOf } from '../../git/commit-on-base.ts'
import { commitOf } from '../../git/quarantine.ts'
import type { RunnerParts, Start } from '../job.ts'
import { StopReason } from '../stop-reason.ts'
import type { Proposal } from './inspect.ts'
import type { Prepared } from './prepare.ts'
import { proposedBody, proposedFields } from './proposed-fields.ts'

/** Rejects with StopReason `failed` if there is nothing new, or if the change is not as it was when the attempt began. */
export async function revise(
  prepared: Prepared,
  start: Start,
  proposal: Proposal | null,
  parts: RunnerParts,
): Promise<Change> {
  const { run, task } = prepared
  const change = await parts.store.changes.byRun(run.id)
  if (change === null) throw new Error(`run ${run.id} is not an attempt at a change`)
  const { id } = change
  const stays = `change ${id} stays at commit ${start.commit.slice(0, 12)}`
  if (proposal === null) throw new StopReason('failed', `the attempt took back every change: ${stays}`)
  if (await isAsReviewed(prepared, proposal, parts))
    throw new StopReason('failed', `the attempt left all files as they were reviewed: ${stays}`)
  return parts.store.transact(async (tx) => {
    const current = (await tx.changes.get(id)) ?? change
    refuseUnlessAsBefore(current, start)
    const number = current.attempts.find((attempt) => attempt.run === run.id)?.number ?? current.attempts.length
    const expect = { state: ['open'], commit: start.commit } as const
    // Publishing only creates branches, so the commit cannot replace one that was published under the same name.
    const publishAs = current.published ? `${task.change?.branch ?? current.branch}-${number}` : current.publishAs
    const fields = { ...proposedFields(prepared, proposal), publishAs, published: false }
    await tx.attempts.propose(run.id, proposal.commit)
    const revised = await tx.changes.update(id, fields, { expect })
    const body = {
      ...proposedBody(revised, proposal),
      attempt: number,
      previous: start.commit,
      pushed: proposal.pushed,
    }
    await tx.record([platformEvent(run.id, 'change.revised', body)])
    return revised
  })
}

/** A new commit of the same files would be open again, although reviewers have rejected them. */
async function isAsReviewed(
  { quarantine }: Prepared,
  { commit }: Proposal,
  { git }: Pick<RunnerParts, 'git'>,
): Promise<boolean> {
  const shown = await commitOf(git, quarantine, START_BRANCH)
  return shown !== null && (await treeOf(git, quarantine, shown)) === (await treeOf(git, quarantine, commit))
}

function refuseUnlessAsBefore({ id, status, commit }: Change, start: Start): void {
  const notTaken = 'so the commit of this attempt was not taken'
  if (!changeCan('retry', status)) throw new StopReason('failed', `change ${id} is ${status} meanwhile, ${notTaken}`)
  if (commit === start.commit) return
  const moved = `change ${id} has moved from commit ${start.commit.slice(0, 12)} to ${commit.slice(0, 12)} meanwhile`
  throw new StopReason('failed', `${moved}, ${notTaken}`)
}
