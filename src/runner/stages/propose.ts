// The stage propose: creates a change that is linked to the trace of the run. The gate shows which checks are missing.
import { type Change, firstAttempt } from '../../domain/change.ts'
import { newId } from '../../domain/ids.ts'
import { runBranch } from '../../domain/run.ts'
import { conflictingBranch } from '../../git/branch-conflict.ts'
import { listRefs } from '../../git/list-refs.ts'
import type { Inspected, Proposal } from './inspect.ts'
import { proposedBody, proposedFields } from './proposed-fields.ts'
import { revise } from './revise.ts'
import type { RunnerParts } from '../job.ts'
import type { Prepared } from './prepare.ts'
import { platformEvent } from '../../domain/event.ts'

const HEADS = 'refs/heads/'

/** Returns null if the run proposes nothing; that is a success, too. */
export async function propose(prepared: Prepared, { proposal }: Inspected, parts: RunnerParts): Promise<Change | null> {
  if (prepared.start !== null) return revise(prepared, prepared.start, proposal, parts)
  if (proposal === null) return null
  const branch = await freeBranch(prepared, parts)
  const change = changeFrom(prepared, proposal, { id: newId(parts.ids), branch, createdAt: parts.ids.now() })
  await parts.store.transact(async (tx) => {
    await tx.changes.insert(change)
    await tx.record([platformEvent(prepared.run.id, 'change.proposed', proposedBody(change, proposal))])
  })
  return change
}

/** If the forge has a branch `glovebox`, git cannot have branches below `glovebox/`. */
async function freeBranch({ run, mirror }: Prepared, { git }: RunnerParts): Promise<string> {
  const name = runBranch(run)
  const names = [...(await listRefs(git, mirror, HEADS)).keys()].map((ref) => ref.slice(HEADS.length))
  return conflictingBranch(name, names) === null ? name : name.replaceAll('/', '-')
}

function changeFrom(
  prepared: Prepared,
  proposal: Proposal,
  { id, branch, createdAt }: Pick<Change, 'id' | 'branch' | 'createdAt'>,
): Change {
  const { run, task } = prepared
  return {
    id,
    branch,
    repository: run.repository,
    target: prepared.targetBranch,
    base: prepared.commit,
    ...proposedFields(prepared, proposal),
    status: 'open',
    requester: run.requester,
    decisions: [],
    attempts: [firstAttempt({ run: run.id, requester: run.requester, commit: proposal.commit, createdAt })],
    mergeCommit: null,
    publishAs: task.change?.branch ?? branch,
    published: false,
    createdAt,
  }
}
