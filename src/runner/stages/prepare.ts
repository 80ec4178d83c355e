// prepare: quarantine at the pinned commit, and the run's pinned inputs on the record.
import { join } from 'node:path'
import { commitTime } from '../../git/commit-log.ts'
import { createQuarantine } from '../../git/quarantine.ts'
import type { Job, RunnerParts } from '../job.ts'
import type { RunRecord } from '../run-record.ts'

export interface Prepared extends Job {
  /** Our bare repository that the run may fetch from and push into. */
  quarantine: string
  /** When the commit that the run works on was made: seconds since the epoch. */
  baseTime: number
}

export async function prepare(job: Job, parts: RunnerParts, record: RunRecord): Promise<Prepared> {
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
  })
  return { ...job, quarantine, baseTime: await commitTime(parts.git, quarantine, job.commit) }
}
