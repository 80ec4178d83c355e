// prepare: quarantine at the pinned commit, and the run's pinned inputs on the record.
import { join } from 'node:path'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { commitTime } from '../../git/commit-log.ts'
import { conflictingBranch } from '../../git/branch-conflict.ts'
import { createQuarantine } from '../../git/quarantine.ts'
import type { Toolchain } from '../../sandbox/types.ts'
import { chooseToolchain } from '../choose-toolchain.ts'
import type { Job, RunnerParts } from '../job.ts'
import { setUpNotes } from '../set-up-notes.ts'
import type { RunRecord } from '../run-record.ts'
import { StopReason } from '../stop-reason.ts'

const MAX_NOTES = 10
const MAX_NOTE_LENGTH = 500

export interface Prepared extends Job {
  /** Our bare repository that the run may fetch from and push into. */
  quarantine: string
  /** When the commit that the run works on was made: seconds since the epoch. */
  baseTime: number
  /** What its steps find in front of PATH. */
  toolchain: Toolchain
}

export async function prepare(job: Job, parts: RunnerParts, record: RunRecord): Promise<Prepared> {
  refuseOwnName(job)
  const quarantine = join(parts.quarantines, `${job.run.id}.git`)
  await createQuarantine(parts.git, {
    path: quarantine,
    mirror: job.mirror,
    branch: job.targetBranch,
    commit: job.commit,
    base: job.base,
  })
  const toolchain = await chooseToolchain(job.task.toolchain, parts).catch((error: unknown) => {
    throw new StopReason('failed', error instanceof Error ? error.message : String(error))
  })
  const notes = [...(job.notes ?? []), ...(await setUpNotes(job, toolchain, parts))]
  await record.platform('run.started', {
    commit: job.commit,
    ref: job.targetBranch,
    taskDigest: job.taskDigest,
    taskSource: job.run.taskSource,
    policyDigest: parts.policy.digest,
    policies: [...parts.policy.policyIds],
    sandbox: parts.sandbox.kind,
    toolchain: { ...toolchain.versions },
    notes: notes.slice(0, MAX_NOTES).map((note) => note.slice(0, MAX_NOTE_LENGTH)),
  })
  return { ...job, quarantine, toolchain, baseTime: await commitTime(parts.git, quarantine, job.commit) }
}

/** In quarantine the branch that is worked on stands beside the one that is pushed. */
function refuseOwnName({ run, targetBranch, base }: Job): void {
  const shown = [targetBranch, ...(base === null ? [] : [base.branch])]
  const taken = shown.includes(PUSH_BRANCH) ? PUSH_BRANCH : conflictingBranch(PUSH_BRANCH, shown)
  if (run.mode === 'read-only' || taken === null) return
  const why = `a run that may write pushes what it proposes as ${PUSH_BRANCH}, and the repository's own branch ${taken} is in the way`
  throw new StopReason('failed', `${why}: rename it`)
}
