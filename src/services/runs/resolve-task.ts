// Where a task comes from: built in, or the default branch of the repository as our mirror has it (invariant 5).
import { createHash } from 'node:crypto'
import type { Step } from '../../domain/task/task.ts'
import { Task } from '../../domain/task/task.ts'
import { listTree, readFileAt } from '../../git/read-file.ts'
import type { FoundTask, ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

const FOLDER = '.glovebox/tasks'
const MAX_TASK_BYTES = 256 * 1024

export async function resolveTask(
  parts: ServiceParts,
  name: string,
  mirror: string,
  defaultCommit: string,
): Promise<FoundTask> {
  const builtIn = parts.tasks.find((found) => found.task.name === name)
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
  throw new ServiceError('bad-input', `there is no task \`${name}\``, { cure: `known tasks: ${known.join(', ')}` })
}

function repositoryTask(parts: ServiceParts, name: string, file: string, text: string): FoundTask {
  const task = parts.parseTask(text, file)
  if (task.name !== name)
    throw new ServiceError('bad-input', `${file} names its task \`${task.name}\`; file and name must agree`)
  return { task, text, source: 'repository' }
}

async function repositoryTaskNames(parts: ServiceParts, mirror: string, commit: string): Promise<string[]> {
  const entries = await listTree(parts.git, mirror, commit, FOLDER)
  return entries.flatMap(
    (entry) => /^([a-z][a-z0-9-]{0,62})\.yaml$/.exec(new TextDecoder().decode(entry.name))?.[1] ?? [],
  )
}

/** An ad-hoc run is a task of one step; its argv is kept as it was given (see commandStep). */
export function commandTask(argv: readonly string[], mode: Task['mode']): FoundTask {
  const step: Partial<Step> = { name: 'command', run: argv.join(' ') }
  const task = Task.parse({ name: 'command', description: 'A command given by hand', mode, reach: [], steps: [step] })
  return { task, text: JSON.stringify({ argv, mode }), source: 'built-in' }
}

export function taskDigest(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
