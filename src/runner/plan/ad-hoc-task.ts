// Tasks that the requester sends with the request: the text of a task file, a prompt for an agent, or one command.
import { printable } from '../../domain/byte-text.ts'
import type { Mode } from '../../domain/events/fields.ts'
import type { RunRequest, Work } from '../../domain/run-request.ts'
import { TaskError } from '../../domain/task/parse-task.ts'
import { Task } from '../../domain/task/task.ts'
import type { FoundTask, TaskParts } from './find-task.ts'
import { PlanError } from './plan-error.ts'

export type AdHocWork = Exclude<Work, { kind: 'task' }>

/**
 * Prefix of the name of a task that came with the request, on the record and for policies. A slash is not allowed in the
 * name of any other task, so that no file can pass for an installed task.
 */
const AD_HOC = 'ad-hoc/'

/** Characters of the title of a change. */
const MAX_TITLE = 72

/** Throws TaskError or PlanError if the work is not valid. */
export function adHocTask(parts: Pick<TaskParts, 'parseTask'>, work: AdHocWork, { mode }: RunRequest): FoundTask {
  switch (work.kind) {
    case 'file': {
      const task = parts.parseTask(work.text, work.file)
      return { task, name: AD_HOC + task.name, file: work.file, text: work.text, source: 'ad-hoc' }
    }
    case 'prompt':
      return promptTask(parts, work, mode ?? 'write')
    case 'command':
      checkReach(parts, work.reach)
      return commandTask({ argv: work.argv, mode: mode ?? 'read-only', reach: work.reach })
  }
}

interface Command {
  argv: readonly string[]
  mode: Mode
  reach: readonly string[]
}

/** A task of one step with the given argv, unchanged (job-from-plan.ts). */
function commandTask(command: Command): FoundTask {
  return { ...fieldsOf(command), text: JSON.stringify(command) }
}

/** The task from its recorded text. Versions that knew no `reach` recorded none. */
export function recordedCommand(text: string): FoundTask {
  const { argv, mode, reach = [] } = JSON.parse(text) as Omit<Command, 'reach'> & Partial<Command>
  return { ...fieldsOf({ argv, mode, reach }), text }
}

function fieldsOf({ argv, mode, reach }: Command): Omit<FoundTask, 'text'> {
  const step = { name: 'command', run: argv.join(' ') || 'command' }
  const task = Task.parse({ name: 'command', description: 'A command given by hand', mode, reach, steps: [step] })
  return { task, name: task.name, file: 'command', source: 'ad-hoc' }
}

/** JSON is YAML, so the text of this task passes the same checks as a task file. */
function promptTask(
  parts: Pick<TaskParts, 'parseTask'>,
  { prompt, reach }: Extract<Work, { kind: 'prompt' }>,
  mode: Mode,
): FoundTask {
  const text = JSON.stringify(
    {
      name: 'prompt',
      description: 'A prompt given by hand',
      mode,
      reach,
      steps: [{ name: 'agent', agent: 'default', prompt }],
      ...(mode === 'write' ? { change: { title: titleOf(prompt) } } : {}),
    },
    null,
    2,
  )
  const task = parsed(parts, text)
  return { task, name: task.name, file: 'prompt', text, source: 'ad-hoc' }
}

/** The first line of the prompt. */
function titleOf(prompt: string): string {
  const [line = ''] = prompt.trim().split('\n')
  const characters = [...printable(line)]
  return characters.length <= MAX_TITLE ? characters.join('') : `${characters.slice(0, MAX_TITLE - 1).join('')}…`
}

function checkReach(parts: Pick<TaskParts, 'parseTask'>, reach: readonly string[]): void {
  const task = { name: 'command', description: 'A command given by hand', mode: 'read-only', reach }
  parsed(parts, JSON.stringify({ ...task, steps: [{ run: 'true' }] }))
}

/** The positions of problems in a text that the requester did not write say nothing, so they are left out. */
function parsed({ parseTask }: Pick<TaskParts, 'parseTask'>, text: string): Task {
  try {
    return parseTask(text, 'prompt')
  } catch (error) {
    const [first] = error instanceof TaskError ? error.problems : []
    throw first === undefined ? error : new PlanError(first.message, first.cure)
  }
}
