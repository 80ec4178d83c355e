// Stage `prepare`: creates the quarantine repository at the pinned commit.
import { join } from 'node:path'
import { createQuarantine } from '../../git/quarantine.ts'
import type { Job, RunnerParts } from '../job.ts'

export interface Prepared extends Job {
  /** Our bare repository, from which the run may fetch and into which it may push. */
  quarantine: string
}

export async function prepare(job: Job, parts: RunnerParts): Promise<Prepared> {
  const quarantine = join(parts.quarantines, `${job.run.id}.git`)
  await createQuarantine(parts.git, {
    path: quarantine,
    mirror: job.mirror,
    branch: job.targetBranch,
    commit: job.commit,
    base: job.base,
  })
  return { ...job, quarantine }
}
