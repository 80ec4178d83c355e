// What a run shall do, from the words and options of `glovebox run`.
import { resolve } from 'node:path'
import type { Work } from '../../domain/run-request.ts'
import { UsageError } from '../cli-error.ts'
import { readText } from './check-file.ts'

export interface WorkOptions {
  input?: Record<string, string>
  prompt?: string
  reach?: string[]
}

/** `literal`: the words after `--`; null without `--`. A task file is read here, so that the server opens no path. */
export async function chooseWork(
  task: string | undefined,
  literal: readonly string[] | null,
  options: WorkOptions,
  cwd: string,
): Promise<Work> {
  refuseMixture(task, literal, options)
  const { prompt, reach = [], input: inputs = {} } = options
  if (prompt !== undefined) {
    if (prompt.trim() === '') throw new UsageError('--prompt is empty')
    return { kind: 'prompt', prompt, reach }
  }
  if (literal !== null) {
    if (literal.length === 0) throw new UsageError('The command after `--` is missing')
    return { kind: 'command', argv: [...literal], reach }
  }
  if (task === undefined)
    throw new UsageError(
      'Name a task or a task file, or give a command after `--`; `glovebox task list` shows the tasks',
    )
  if (!isFile(task)) return { kind: 'task', name: task, inputs }
  return { kind: 'file', file: task, text: await readText(resolve(cwd, task), task), inputs }
}

/** Names of tasks contain neither a slash nor a dot. */
function isFile(task: string): boolean {
  return task.includes('/') || /\.ya?ml$/.test(task)
}

function refuseMixture(
  task: string | undefined,
  literal: readonly string[] | null,
  { prompt, reach, input }: WorkOptions,
): void {
  if (prompt !== undefined && literal !== null) throw new UsageError('Give a prompt or a command, not both')
  if (prompt !== undefined && task !== undefined)
    throw new UsageError(`Give a task or a prompt, not both: there is a task "${task}"`)
  if (literal !== null && task !== undefined)
    throw new UsageError(`Give a task or a command, not both: there is a task "${task}" before \`--\``)
  const adHoc = prompt === undefined ? (literal === null ? null : 'command') : 'prompt'
  if (adHoc !== null && Object.keys(input ?? {}).length > 0)
    throw new UsageError(`A ${adHoc} takes no --input; only tasks have inputs`)
  if (adHoc === null && reach !== undefined)
    throw new UsageError('--reach is for a command or a prompt; a task names its own `reach`')
}
