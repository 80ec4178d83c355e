// propose: a change, linked to its trace; the gate says what is still missing.
import type { ByteText } from '../../domain/byte-text.ts'
import type { Change } from '../../domain/change.ts'
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

/** Nothing to propose is a good end, too: null. */
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

/** Where the forge has a branch `glovebox`, there can be none in a folder of that name. */
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
    mergeCommit: null,
    publishAs: task.change?.branch ?? proposal.branch,
    published: false,
    createdAt,
  }
}

/** Of each list, in bytes of JSON: the event is a leaf of bounded size, and the blob `inspection` has all of it. */
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
