// prepare: quarantine at the pinned commit, and the run's pinned inputs on the record.
import { join } from 'node:path'
import { PUSH_BRANCH } from '../../domain/run.ts'
import { commitTime } from '../../git/commit-log.ts'
import { conflictingBranch } from '../../git/branch-conflict.ts'
import { createQuarantine } from '../../git/quarantine.ts'
import type { Job, RunnerParts } from '../job.ts'
import type { RunRecord } from '../run-record.ts'
import { StopReason } from '../stop-reason.ts'

export interface Prepared extends Job {
  /** Our bare repository that the run may fetch from and push into. */
  quarantine: string
  /** When the commit that the run works on was made: seconds since the epoch. */
  baseTime: number
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
  await record.platform('run.started', {
    commit: job.commit,
    ref: job.targetBranch,
    taskDigest: job.taskDigest,
    taskSource: job.run.taskSource,
    policyDigest: parts.policy.digest,
    policies: [...parts.policy.policyIds],
    sandbox: parts.sandbox.kind,
    toolchain: { ...parts.toolchain.versions },
    notes: (job.notes ?? []).slice(0, 10).map((note) => note.slice(0, 500)),
  })
  return { ...job, quarantine, baseTime: await commitTime(parts.git, quarantine, job.commit) }
}

/** In quarantine the branch that is worked on stands beside the one that is pushed. */
function refuseOwnName({ run, targetBranch, base }: Job): void {
  const shown = [targetBranch, ...(base === null ? [] : [base.branch])]
  const taken = shown.includes(PUSH_BRANCH) ? PUSH_BRANCH : conflictingBranch(PUSH_BRANCH, shown)
  if (run.mode === 'read-only' || taken === null) return
  const why = `a run that may write pushes what it proposes as ${PUSH_BRANCH}, and the repository's own branch ${taken} is in the way`
  throw new StopReason('failed', `${why}: rename it`)
}
