// Plans the steps of a task: commands and agent prompts with environment and working directory.
import type { Budget } from '../budget.ts'
import type { Condition, Step, Task } from './task.ts'
import { suggestion } from '../nearest-word.ts'
import { own } from '../own.ts'

const MINUTE_MS = 60_000

interface PlannedFields {
  name: string
  env: Readonly<Record<string, string>>
  /** Absolute path in the sandbox. */
  cwd: string
  condition: Condition
  continueOnError: boolean
  timeoutMs: number | null
}

export interface PlannedCommand extends PlannedFields {
  kind: 'command'
  argv: readonly string[]
}

export interface PlannedAgent extends PlannedFields {
  kind: 'agent'
  /** Name of the agent, or `default`. */
  agent: string
  /** The prompt before inputs and artifacts are filled in, which happens when the step starts. */
  prompt: string
  maxTurns: number
  budget: Budget
  /** The earlier step that the agent should repair and that runs again afterwards; null for none. */
  repairs: string | null
  /** Whether the step is skipped if no model is connected. */
  optional: boolean
}

export type PlannedStep = PlannedCommand | PlannedAgent

/**
 * Inputs are passed to a step as `INPUT_<NAME>` variables, never as text of its script, where they could become code.
 */
export function planSteps(task: Task, inputs: Readonly<Record<string, string>>, repositoryPath: string): PlannedStep[] {
  const inputEnv = inputEnvironment(inputs)
  return task.steps.map((step, index) => ({
    ...workOf(step),
    name: step.name ?? `step ${index + 1}`,
    env: { ...inputEnv, ...mapValues(step.env, (value) => fillInputs(value, inputs)) },
    cwd: joinInside(repositoryPath, step['working-directory']),
    condition: step.if,
    continueOnError: step['continue-on-error'],
    timeoutMs: step['timeout-minutes'] === undefined ? null : step['timeout-minutes'] * MINUTE_MS,
  }))
}

function workOf(step: Step) {
  if (step.agent === undefined) return { kind: 'command' as const, argv: ['/bin/sh', '-e', '-c', step.run ?? ''] }
  return {
    kind: 'agent' as const,
    agent: step.agent,
    prompt: step.prompt ?? '',
    maxTurns: step['max-turns'],
    budget: step.budget,
    repairs: step.repairs ?? null,
    optional: step.optional,
  }
}

/** Fills in `${{ inputs.name }}`, only for text that no shell interprets. A missing input becomes empty. */
export function fillInputs(text: string, inputs: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{\s*inputs\.([a-z][a-z0-9-]*)\s*\}\}/g, (_, name: string) => own(inputs, name) ?? '')
}

export class InputError extends Error {
  readonly code = 'bad-input'
}

/** The inputs of a run: given values, else defaults. Throws InputError for unknown and for missing required inputs. */
export function resolveInputs(task: Task, given: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.keys(task.inputs)
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const hint = known.length > 0 ? suggestion(unknown, known) : 'it takes no inputs'
    throw new InputError(`task ${task.name} has no input \`${unknown}\`; ${hint}`)
  }
  const resolved: Record<string, string> = {}
  for (const [name, input] of Object.entries(task.inputs)) {
    const value = own(given, name) ?? input.default
    if (value !== undefined) resolved[name] = value
    else if (input.required) throw new InputError(`task ${task.name} needs --input ${name}=…: ${input.description}`)
  }
  return resolved
}

/** Whether a step runs, given whether an earlier one failed. */
export function conditionHolds(condition: Condition, failed: boolean): boolean {
  if (condition === 'always()') return true
  return condition === 'failure()' ? failed : !failed
}

function inputEnvironment(inputs: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(inputs).map(([name, value]) => [
    `INPUT_${name.toUpperCase().replaceAll('-', '_')}`,
    value,
  ])
  return Object.fromEntries(entries) as Record<string, string>
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** Removes `.`, `..` and empty parts; parse-task.ts has already refused paths that lead outside. */
function joinInside(base: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.' && part !== '..')
  return [base, ...parts].join('/')
}
