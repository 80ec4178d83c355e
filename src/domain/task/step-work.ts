// Checks that each step of a task has its work: a script, or a prompt for an agent. It only checks which keys exist, so
// that a key with a value of the wrong type is not also reported as missing.
import { z } from 'zod'
import { suggestion } from '../nearest-word.ts'
import type { RuleProblem } from './source-problem.ts'

const OF_AGENTS = ['prompt', 'max-turns', 'budget', 'repairs', 'optional']

const Keys = z.object({ steps: z.array(z.record(z.string(), z.unknown()).nullable().catch(null)) })

export function stepWorkProblems(task: unknown): RuleProblem[] {
  const steps = Keys.safeParse(task).data?.steps ?? []
  return steps.flatMap((step, index) =>
    step === null
      ? []
      : [...problemsOf(step, ['steps', index]), ...repairProblems(step, steps.slice(0, index), ['steps', index])],
  )
}

/** `repairs` must name an earlier step with a script. */
function repairProblems(
  { repairs }: Readonly<Record<string, unknown>>,
  earlier: readonly (Readonly<Record<string, unknown>> | null)[],
  path: readonly PropertyKey[],
): RuleProblem[] {
  if (typeof repairs !== 'string') return []
  const names = earlier.flatMap((step) => (step && typeof step['run'] === 'string' ? [String(step['name'])] : []))
  if (names.includes(repairs)) return []
  const message = `repairs names \`${repairs}\`, which is not an earlier step with \`run\``
  return [{ path: [...path, 'repairs'], message, cure: suggestion(repairs, names) }]
}

function problemsOf(step: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): RuleProblem[] {
  const name = `steps[${String(path[1])}]`
  const problem = (key: string | null, message: string, cure: string): RuleProblem[] => [
    { path: key === null ? path : [...path, key], message, cure },
  ]
  if (Object.hasOwn(step, 'agent')) {
    if (Object.hasOwn(step, 'run')) return problem('run', 'a step has `run` or `agent`, not both', 'make it two steps')
    return Object.hasOwn(step, 'prompt')
      ? []
      : problem(null, `${name}.prompt is missing`, 'say what the agent is asked')
  }
  const stray = OF_AGENTS.find((key) => Object.hasOwn(step, key))
  if (stray !== undefined) return problem(stray, `\`${stray}\` is for steps with \`agent\``, 'name one, or `default`')
  return Object.hasOwn(step, 'run') ? [] : problem(null, `${name}.run is missing`, 'it is a text; or name an `agent`')
}
