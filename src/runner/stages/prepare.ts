// Stage `prepare`: creates the quarantine repository at the pinned commit.
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { START_BRANCH } from '../../domain/run.ts'
import { commitOnBase } from '../../git/commit-on-base.ts'
import { readPack } from '../../git/pack.ts'
import { createQuarantine, setBranch } from '../../git/quarantine.ts'
import { commitDate, IN_BOX } from '../environment.ts'
import type { Digest } from '../../domain/events/fields.ts'
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
  const prepared = { ...job, quarantine }
  if (job.start !== null) await showStart(prepared, job.start.commit, job.start.pack, parts)
  return prepared
}

/**
 * Shows the run the files of the reviewed commit, as a commit of Glovebox on top of the base. The run can't fetch the
 * reviewed commits themselves.
 */
async function showStart(
  { quarantine, commit: base, plan }: Prepared,
  commit: string,
  pack: Digest,
  { git, store }: RunnerParts,
): Promise<void> {
  const blob = await store.blobs.open(pack)
  if (blob === null) throw new Error(`the commits of the reviewed change are missing from the store (${pack})`)
  await readPack(git, quarantine, Readable.from(blob.stream()))
  const shown = await commitOnBase(git, {
    repository: quarantine,
    base,
    commit,
    message: 'The change as it was reviewed\n',
    person: IN_BOX,
    time: commitDate(plan.source.time),
  })
  await setBranch(git, quarantine, { branch: START_BRANCH, commit: shown })
}
