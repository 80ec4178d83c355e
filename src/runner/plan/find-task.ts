// Lookup of a task: among the built-in tasks, or on the default branch of our mirror of the repository (invariant 5).
import { suggestion } from '../../domain/nearest-word.ts'
import type { Task } from '../../domain/task/task.ts'
import type { HostGit } from '../../git/host-git.ts'
import { listTree, readFileAt } from '../../git/read-file.ts'
import { PlanError } from './plan-error.ts'

const FOLDER = '.glovebox/tasks'
const MAX_TASK_BYTES = 256 * 1024

/** A task file, with its text and its parsed form. */
export interface FoundTask {
  task: Task
  /** Name of the task on the record and for policies. */
  name: string
  /** Name of the file in messages. */
  file: string
  text: string
  source: 'built-in' | 'repository' | 'ad-hoc'
}

export type BuiltInTask = FoundTask & { source: 'built-in' }

export interface TaskParts {
  git: HostGit
  /** Built-in tasks, sorted by name. */
  tasks: readonly BuiltInTask[]
  parseTask: (text: string, file: string) => Task
}

export function builtInTask({ tasks }: Pick<TaskParts, 'tasks'>, name: string): BuiltInTask | null {
  return tasks.find((found) => found.task.name === name) ?? null
}

export async function findTask(
  parts: TaskParts,
  name: string,
  { mirror, defaultCommit }: { mirror: string; defaultCommit: string },
): Promise<FoundTask> {
  const builtIn = builtInTask(parts, name)
  if (builtIn) return builtIn
  if (/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    const file = `${FOLDER}/${name}.yaml`
    const bytes = await readFileAt(parts.git, mirror, defaultCommit, file, MAX_TASK_BYTES)
    if (bytes) return repositoryTask(parts, name, file, new TextDecoder().decode(bytes))
  }
  const known = [
    ...parts.tasks.map((found) => found.task.name),
    ...(await repositoryTaskNames(parts, mirror, defaultCommit)),
  ]
  throw new PlanError(`there is no task \`${name}\``, suggestion(name, known))
}

function repositoryTask(parts: TaskParts, name: string, file: string, text: string): FoundTask {
  const task = parts.parseTask(text, file)
  if (task.name !== name) throw new PlanError(`${file} names its task \`${task.name}\`; file and name must agree`)
  return { task, name, file, text, source: 'repository' }
}

async function repositoryTaskNames(parts: TaskParts, mirror: string, commit: string): Promise<string[]> {
  const entries = await listTree(parts.git, mirror, commit, FOLDER)
  return entries.flatMap(
    (entry) => /^([a-z][a-z0-9-]{0,62})\.yaml$/.exec(new TextDecoder().decode(entry.name))?.[1] ?? [],
  )
}
