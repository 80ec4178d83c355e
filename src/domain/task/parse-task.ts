// Parses the text of a task file into a task, or reports all its problems.
import { schemaProblems } from './schema-problems.ts'
import type { SourceProblem } from './source-problem.ts'
import { byPlace, sourceProblemLine } from './source-problem.ts'
import type { KnownNames } from './task-rules.ts'
import { taskRuleProblems } from './task-rules.ts'
import { Task } from './task.ts'
import type { YamlSource } from './yaml-source.ts'
import { readYaml } from './yaml-source.ts'

const MAX_PROBLEMS = 50

export class TaskError extends Error {
  readonly code = 'invalid-task'
  readonly problems: readonly SourceProblem[]
  constructor(fileName: string, problems: readonly SourceProblem[]) {
    super(problems.map((problem) => sourceProblemLine(fileName, problem)).join('\n'))
    this.name = 'TaskError'
    this.problems = problems
  }
}

/**
 * Throws TaskError; its message has one line `file:line:column: problem; cure` per problem. `known`: see
 * taskRuleProblems.
 */
export function parseTask(text: string, fileName: string, known: KnownNames | null = null): Task {
  const { task, problems } = examine(text, known)
  if (task === null) throw new TaskError(fileName, problems)
  return task
}

/** All problems of a task file; empty if it is valid. */
export function checkTaskFile(text: string, known: KnownNames | null = null): readonly SourceProblem[] {
  return examine(text, known).problems
}

type Examined = { task: Task; problems: readonly [] } | { task: null; problems: readonly SourceProblem[] }

function examine(text: string, known: KnownNames | null): Examined {
  const { source, problems } = readYaml(text)
  if (source === null) return { task: null, problems }
  const parsed = Task.safeParse(source.value)
  const found = [
    ...schemaProblems(Task, parsed.error?.issues ?? [], source),
    ...taskRuleProblems(source.value, known).map(({ path, message, cure }) => ({
      ...source.placeOf(path),
      message,
      cure,
    })),
    ...rewrittenNumbers(source),
  ]
  if (parsed.success && found.length === 0) return { task: parsed.data, problems: [] }
  return { task: null, problems: found.toSorted(byPlace).slice(0, MAX_PROBLEMS) }
}

/** Refuses numbers that YAML would rewrite (`1.10` to 1.1, `0o17` to 15): a variable would differ from the file. */
function rewrittenNumbers(source: YamlSource): SourceProblem[] {
  return envEntries(source.value).flatMap(({ path, value }) => {
    const written = source.sourceOf(path)
    if (typeof value !== 'number' || written === null || written === String(value)) return []
    return [
      {
        ...source.placeOf(path),
        message: `\`${written}\` is a number to YAML and would become \`${value}\``,
        cure: `write it in quotes: "${written}"`,
      },
    ]
  })
}

function envEntries(task: unknown): { path: PropertyKey[]; value: unknown }[] {
  const steps = entriesOf(task).find(([key]) => key === 'steps')?.[1]
  return entriesOf(steps).flatMap(([index, step]) => {
    const env = entriesOf(step).find(([key]) => key === 'env')?.[1]
    return entriesOf(env).map(([name, value]) => ({ path: ['steps', Number(index), 'env', name], value }))
  })
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
