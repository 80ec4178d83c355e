// The stage propose: creates a change that is linked to the trace of the run. The gate shows which checks are missing.
import type { ByteText } from '../../domain/byte-text.ts'
import { type Change, firstAttempt } from '../../domain/change.ts'
import { newId } from '../../domain/ids.ts'
import { fillInputs } from '../../domain/task/plan-steps.ts'
import { runBranch } from '../../domain/run.ts'
import { conflictingBranch } from '../../git/branch-conflict.ts'
import { listRefs } from '../../git/list-refs.ts'
import type { Inspected, Proposal } from './inspect.ts'
import type { RunnerParts } from '../job.ts'
import type { Prepared } from './prepare.ts'
import { platformEvent } from '../../domain/event.ts'

const HEADS = 'refs/heads/'

/** Returns null if the run proposes nothing; that is a success, too. */
export async function propose(prepared: Prepared, { proposal }: Inspected, parts: RunnerParts): Promise<Change | null> {
  if (proposal === null) return null
  const branch = await freeBranch(prepared, parts)
  const { inspection, ...proposed } = proposal
  const change = changeFrom(prepared, { ...proposed, branch }, newId(parts.ids), parts.ids.now())
  const { target, base, commit, title, files, insertions, deletions, diff, protectedPaths, findings } = change
  const { pack } = proposal
  await parts.store.transact(async (tx) => {
    await tx.changes.insert(change)
    const body = {
      change: change.id,
      branch,
      target,
      base,
      commit,
      title,
      files,
      insertions,
      deletions,
      diff,
      pack,
      protectedPaths,
      findings,
      inspection,
    }
    await tx.record([platformEvent(prepared.run.id, 'change.proposed', { ...body, ...boundedLists(body) })])
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
  proposal: Omit<Proposal, 'inspection'> & { branch: string },
  id: string,
  createdAt: number,
): Change {
  const { run, task } = prepared
  const title = fillInputs(task.change?.title ?? `${task.name}: changes of run ${run.id}`, run.inputs)
  return {
    id,
    run: run.id,
    repository: run.repository,
    target: prepared.targetBranch,
    base: prepared.commit,
    ...proposal,
    title,
    body: fillInputs(task.change?.body ?? '', run.inputs)
      .trim()
      .slice(0, 16_000),
    status: 'open',
    requester: run.requester,
    decisions: [],
    attempts: [firstAttempt({ run: run.id, requester: run.requester, commit: proposal.commit, createdAt })],
    mergeCommit: null,
    publishAs: task.change?.branch ?? proposal.branch,
    published: false,
    createdAt,
  }
}

/** Limit on each list in the event, in bytes of JSON: an event has a bounded size. The blob `inspection` has all entries. */
const MAX_LIST_BYTES = 12 * 1024

function boundedLists(lists: { protectedPaths: readonly ByteText[]; findings: readonly string[] }) {
  const protectedPaths = fitting(lists.protectedPaths)
  const findings = fitting(lists.findings)
  return {
    protectedPaths,
    protectedPathsOmitted: lists.protectedPaths.length - protectedPaths.length,
    findings,
    findingsOmitted: lists.findings.length - findings.length,
  }
}

function fitting<T>(list: readonly T[]): T[] {
  let left = MAX_LIST_BYTES
  return list.filter((entry) => (left -= Buffer.byteLength(JSON.stringify(entry)) + 1) >= 0)
}
