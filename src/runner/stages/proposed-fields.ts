// The part of a change that comes from one run, in the store and in events.
import type { ByteText } from '../../domain/byte-text.ts'
import type { Change } from '../../domain/change.ts'
import type { EventBody } from '../../domain/event.ts'
import { fillInputs } from '../../domain/task/plan-steps.ts'
import type { Proposal } from './inspect.ts'
import type { Prepared } from './prepare.ts'

/** The fields of a change that another attempt sets anew. */
export function proposedFields({ run, task }: Pick<Prepared, 'run' | 'task'>, proposal: Proposal) {
  const { inspection: _, pushed: __, ...facts } = proposal
  return {
    ...facts,
    run: run.id,
    title: fillInputs(task.change?.title ?? `${task.name}: changes of run ${run.id}`, run.inputs),
    body: fillInputs(task.change?.body ?? '', run.inputs)
      .trim()
      .slice(0, 16_000),
  }
}

export function proposedBody(change: Change, { inspection, pack }: Proposal): EventBody<'change.proposed'> {
  const { id, branch, target, base, commit, title, files, insertions, deletions, diff } = change
  const facts = { branch, target, base, commit, title, files, insertions, deletions, diff, pack, inspection }
  return { change: id, ...facts, ...boundedLists(change) }
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
