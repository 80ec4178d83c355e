// What the record keeps of an earlier run's plan: its task and its source, for jobs and for further attempts at a change.
import type { Digest } from '../../domain/events/fields.ts'
import { RunPlan } from '../../domain/run-plan.ts'
import type { Forge } from '../../forges/types.ts'
import { hasCommit } from '../../git/commit-on-base.ts'
import type { BlobStore } from '../../store/types.ts'
import { recordedCommand } from './ad-hoc-task.ts'
import { mirrorOf, type Source, type SourceParts } from './find-source.ts'
import type { FoundTask, TaskParts } from './find-task.ts'
import { PlanError } from './plan-error.ts'

type Blobs = { blobs: Pick<BlobStore, 'read'> }

export async function recordedPlan({ blobs }: Blobs, digest: Digest): Promise<RunPlan> {
  const text = await recordedText({ blobs }, digest, 'plan')
  return RunPlan.parse(JSON.parse(text))
}

/** The task as its text was recorded, whatever the file holds by now. */
export async function recordedTask(
  { store, parseTask }: Pick<TaskParts, 'parseTask'> & { store: Blobs },
  { task, argv }: Pick<RunPlan, 'task' | 'argv'>,
): Promise<FoundTask> {
  const { name, file, source } = task
  const text = await recordedText(store, task.text, `text of task ${name}`)
  return { task: argv === null ? parseTask(text, file) : recordedCommand(text).task, name, file, text, source }
}

/** The same commit and target branch. The mirror is updated first, since its folder may have been removed. */
export async function recordedSource(parts: SourceParts, forge: Forge, { source }: RunPlan): Promise<Source> {
  const { commit, target, base, time } = source
  const mirror = mirrorOf(parts, forge.repository)
  await forge.git.updateMirror(mirror)
  if (!(await hasCommit(parts.git, mirror, commit)))
    throw new PlanError(
      `${forge.repository} no longer has ${commit.slice(0, 12)}, the commit that the change was made on`,
      'run the task again',
    )
  return { mirror, commit, targetBranch: target, defaultCommit: base?.commit ?? commit, base, time, note: null }
}

export async function recordedText({ blobs }: Blobs, digest: Digest, what: string): Promise<string> {
  const bytes = await blobs.read(digest)
  if (bytes === null) throw new Error(`the ${what} is missing from the store (${digest})`)
  return new TextDecoder().decode(bytes)
}
