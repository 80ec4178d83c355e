// propose: a change, linked to its trace; the gate says what is still missing.
import type { Change } from '../../domain/change.ts'
import { newId } from '../../domain/ids.ts'
import { fillInputs } from '../../domain/task/plan-steps.ts'
import { runBranch } from '../../domain/run.ts'
import type { Inspected, Proposal } from './inspect.ts'
import type { RunnerParts } from '../job.ts'
import type { Prepared } from './prepare.ts'
import { platformEvent } from '../../domain/event.ts'

/** Nothing to propose is a good end, too: null. */
export async function propose(prepared: Prepared, { proposal }: Inspected, parts: RunnerParts): Promise<Change | null> {
  if (proposal === null) return null
  const change = changeFrom(prepared, proposal, newId(parts.ids), parts.ids.now())
  const { branch, target, base, commit, title, files, insertions, deletions, diff, protectedPaths, findings } = change
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
    }
    await tx.record([platformEvent(prepared.run.id, 'change.proposed', boundedLists(body))])
  })
  return change
}

function changeFrom(prepared: Prepared, proposal: Proposal, id: string, createdAt: number): Change {
  const { run, task } = prepared
  const title = fillInputs(task.change?.title ?? `${task.name}: changes of run ${run.id}`, run.inputs)
  return {
    id,
    run: run.id,
    repository: run.repository,
    branch: runBranch(run),
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
    publishAs: task.change?.branch ?? runBranch(run),
    published: false,
    createdAt,
  }
}

/** The event is a leaf of bounded size; the change itself keeps the whole lists. */
function boundedLists<T extends { protectedPaths: unknown[]; findings: string[] }>(body: T): T {
  return {
    ...body,
    protectedPaths: body.protectedPaths.slice(0, 20),
    findings: body.findings.slice(0, 50).map((text) => text.slice(0, 400)),
  }
}
