// Checks of a request that need no repository, so that a typo is reported at once.
import { capLimits, type Ceilings } from '../../domain/task/cap-limits.ts'
import type { Mode } from '../../domain/events/fields.ts'
import { suggestion } from '../../domain/nearest-word.ts'
import type { RunRequest } from '../../domain/run-request.ts'
import { resolveInputs } from '../../domain/task/plan-steps.ts'
import type { Limits, Task } from '../../domain/task/task.ts'
import type { SandboxProvider } from '../../sandbox/types.ts'
import type { AgentChoice } from '../agents/agent-choice.ts'
import { chooseModel, type ModelParts } from './choose-model.ts'
import type { FoundTask } from './find-task.ts'
import { PlanError } from './plan-error.ts'

export interface SandboxParts {
  /** Sandbox of a run that names no kind. */
  sandbox: SandboxProvider
  /** All kinds that a run may name. */
  sandboxKinds: ReadonlyMap<string, SandboxProvider>
}

/** A task fitted to one request. */
export interface Fitted {
  mode: Mode
  inputs: Record<string, string>
  limits: Limits
  agent: AgentChoice | null
}

/** Fits a task to a request. Rejects with PlanError or InputError when they do not match. */
export async function fitTask(
  parts: ModelParts & { ceilings: Ceilings },
  { task }: FoundTask,
  request: RunRequest,
): Promise<Fitted> {
  return {
    mode: modeOf(task, request.mode),
    inputs: 'inputs' in request.work ? resolveInputs(task, request.work.inputs) : {},
    limits: capLimits(task.limits, parts.ceilings),
    agent: await chooseModel(parts, task, request.agent),
  }
}

/** The kind that exists only with configuration. */
const DOCKER = 'docker'

export function chooseSandbox({ sandbox, sandboxKinds }: SandboxParts, asked: string | null): SandboxProvider {
  const chosen = asked === null ? sandbox : sandboxKinds.get(asked)
  if (chosen) return chosen
  if (asked === DOCKER)
    throw new PlanError(
      'the sandbox kind `docker` is not configured',
      'set sandbox.image in glovebox.yaml (docs/configuration.md)',
    )
  throw new PlanError(
    `there is no sandbox kind \`${asked}\``,
    suggestion(asked ?? '', [...new Set([...sandboxKinds.keys(), DOCKER])]),
  )
}

/** A request may restrict a task to read-only, but never grant it the right to write. */
function modeOf(task: Task, asked: Mode | null): Mode {
  if (asked === 'write' && task.mode === 'read-only')
    throw new PlanError(`task ${task.name} is read-only and can't run with --mode write`)
  return asked ?? task.mode
}
