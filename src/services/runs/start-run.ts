// Start a run: authorise, resolve what it works on, record, queue.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { StartRun } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Mode } from '../../domain/events/fields.ts'
import { capLimits } from '../../domain/task/cap-limits.ts'
import { newId } from '../../domain/ids.ts'
import type { PlannedStep } from '../../domain/task/plan-steps.ts'
import { planSteps, resolveInputs } from '../../domain/task/plan-steps.ts'
import type { Run } from '../../domain/run.ts'
import type { Task } from '../../domain/task/task.ts'
import type { Forge } from '../../forges/types.ts'
import { resolveRef } from '../../git/mirror.ts'
import type { BaseBranch } from '../../git/quarantine.ts'
import type { Attributes } from '../../policy/types.ts'
import type { SandboxProvider } from '../../sandbox/types.ts'
import { REPOSITORY_PATH } from '../../runner/environment.ts'
import { platformEvent } from '../../domain/event.ts'
import { authorise } from '../authorise.ts'
import { chooseModel } from './choose-model.ts'
import type { FoundTask, ServiceParts } from '../parts.ts'
import { commandTask, resolveTask, taskDigest } from './resolve-task.ts'
import { ServiceError } from '../types.ts'

export async function startRun(parts: ServiceParts, actor: Actor, request: StartRun): Promise<Run> {
  const sandbox = chooseSandbox(parts, request.sandbox)
  const forge = parts.openForge(request.repository)
  const taskName = request.work.kind === 'task' ? request.work.name : 'command'
  const ask = (context: Attributes) =>
    authorise(parts, actor, {
      action: 'run.start',
      resource: { type: 'Repository', id: forge.repository, attributes: { url: forge.repository, forge: forge.kind } },
      context: {
        task: taskName,
        repository: forge.repository,
        ...(request.ref ? { ref: request.ref } : {}),
        ...context,
      },
      run: null,
    })
  await ask(request.mode ? { mode: request.mode } : {})
  const source = await resolveSource(parts, forge, request.ref)
  const found =
    request.work.kind === 'task'
      ? await resolveTask(parts, request.work.name, source.mirror, source.defaultCommit)
      : commandTask(request.work.argv, request.mode ?? 'read-only')
  const mode = modeOf(found.task, request.mode)
  const taskSource = request.work.kind === 'task' ? found.source : 'ad-hoc'
  // Again, now that it is known what the task wants: a policy about `mode` must not be passed by leaving it out.
  await ask({ mode, taskSource, commit: source.commit, sandbox: sandbox.kind })
  const inputs = request.work.kind === 'task' ? resolveInputs(found.task, request.work.inputs) : {}
  const advisories = request.advisories === null ? parts.advisories : await parts.openAdvisories(request.advisories)
  const agent = await chooseModel(parts, found.task, request.agent)
  const run: Run = {
    id: newId(parts.ids),
    task: found.task.name,
    taskSource,
    repository: forge.repository,
    ref: request.ref,
    commit: source.commit,
    mode,
    inputs,
    sandbox: sandbox.kind,
    requester: actor,
    trigger: 'manual',
    plan: null,
    attempt: 1,
    priority: 0,
    status: 'queued',
    reason: null,
    createdAt: parts.ids.now(),
    startedAt: null,
    finishedAt: null,
  }
  await parts.store.transact(async (tx) => {
    await tx.runs.insert(run)
    const { task, repository, ref, mode } = run
    await tx.record([
      platformEvent(run.id, 'run.requested', { task, repository, ref, mode, inputs: boundedInputs(inputs) }, actor),
    ])
  })
  const steps = stepsOf(found, request, inputs)
  const task = { ...found.task, limits: capLimits(found.task.limits, parts.ceilings) }
  parts.active.start(
    { run, task, taskDigest: taskDigest(found.text), steps, forge, agent, ...source },
    { ...parts, advisories, sandbox },
  )
  return run
}

function chooseSandbox({ sandbox, sandboxKinds }: ServiceParts, asked: string | null): SandboxProvider {
  const chosen = asked === null ? sandbox : sandboxKinds.get(asked)
  if (chosen) return chosen
  const unconfigured = asked === 'docker' ? '; docker needs sandbox.image in glovebox.yaml' : ''
  throw new ServiceError('bad-input', `there is no sandbox kind \`${asked}\``, {
    cure: `known kinds: ${[...sandboxKinds.keys()].join(', ')}${unconfigured}`,
  })
}

interface Source {
  mirror: string
  commit: string
  targetBranch: string
  /** Tip of the default branch: where the repository's own tasks are read from. */
  defaultCommit: string
  base: BaseBranch | null
}

async function resolveSource(parts: ServiceParts, forge: Forge, ref: string | null): Promise<Source> {
  const mirror = join(parts.mirrors, `${createHash('sha256').update(forge.repository).digest('hex').slice(0, 40)}.git`)
  await forge.updateMirror(mirror)
  const defaultBranch = await forge.defaultBranch()
  const targetBranch = (ref ?? defaultBranch).replace(/^refs\/heads\//, '')
  const commit = await resolveRef(parts.git, mirror, targetBranch)
  const defaultCommit = targetBranch === defaultBranch ? commit : await resolveRef(parts.git, mirror, defaultBranch)
  const base = targetBranch === defaultBranch ? null : { branch: defaultBranch, commit: defaultCommit }
  return { mirror, commit, targetBranch, defaultCommit, base }
}

/** A task may be held back to read-only, but never gains the right to write. */
function modeOf(task: Task, asked: Mode | null): Mode {
  if (asked === 'write' && task.mode === 'read-only') {
    throw new ServiceError('bad-input', `task ${task.name} is read-only and can't run with --mode write`)
  }
  return asked ?? task.mode
}

function stepsOf({ task }: FoundTask, { work }: StartRun, inputs: Record<string, string>): PlannedStep[] {
  const steps = planSteps(task, inputs, REPOSITORY_PATH)
  return work.kind === 'command'
    ? steps.map((step) => (step.kind === 'command' ? { ...step, argv: work.argv } : step))
    : steps
}

/** The run's row keeps inputs whole; the event is a leaf of bounded size. */
function boundedInputs(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs)
      .slice(0, 50)
      .map(([name, value]) => [name, value.slice(0, 500)]),
  )
}
