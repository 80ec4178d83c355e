// What this instance knows: its tasks, its policies, what its machine has.
import type {
  CheckResult,
  Health,
  Instance,
  PolicyList,
  SourceFile,
  TaskDetail,
  TaskSummary,
} from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { FoundTask, ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export async function listTasks(parts: ServiceParts, actor: Actor): Promise<readonly TaskSummary[]> {
  await authorise(parts, actor, { action: 'task.read', resource: INSTANCE, run: null })
  return parts.tasks.map(summarise)
}

export async function getTask(parts: ServiceParts, actor: Actor, name: string): Promise<TaskDetail> {
  await authorise(parts, actor, { action: 'task.read', resource: INSTANCE, run: null })
  const found = parts.tasks.find((entry) => entry.task.name === name)
  if (!found)
    throw new ServiceError('not-found', `there is no task \`${name}\``, {
      cure: `known tasks: ${parts.tasks.map((entry) => entry.task.name).join(', ')}`,
    })
  return { ...summarise(found), text: found.text }
}

export async function checkTask(parts: ServiceParts, actor: Actor, file: SourceFile): Promise<CheckResult> {
  await authorise(parts, actor, { action: 'task.read', resource: INSTANCE, run: null })
  return result(parts.checkTask(file.text, file.name))
}

export async function listPolicies(parts: ServiceParts, actor: Actor): Promise<PolicyList> {
  await authorise(parts, actor, { action: 'policy.read', resource: INSTANCE, run: null })
  return { digest: parts.policy.digest as PolicyList['digest'], policies: [...parts.policies] }
}

export async function checkPolicy(parts: ServiceParts, actor: Actor, file: SourceFile): Promise<CheckResult> {
  await authorise(parts, actor, { action: 'policy.read', resource: INSTANCE, run: null })
  return result(parts.checkPolicy(file.text, file.name))
}

export async function examine(parts: ServiceParts, actor: Actor): Promise<Health> {
  await authorise(parts, actor, { action: 'instance.read', resource: INSTANCE, run: null })
  const probes = await parts.probes()
  return { healthy: probes.every((probe) => probe.found), probes: [...probes] }
}

export async function readInstance(parts: ServiceParts, actor: Actor): Promise<Instance> {
  await authorise(parts, actor, { action: 'instance.read', resource: INSTANCE, run: null })
  const sandboxes = [...parts.sandboxKinds.keys()]
  return { version: parts.version, dataFolder: parts.dataFolder, pid: process.pid, sandboxes }
}

function summarise({ task, source }: FoundTask): TaskSummary {
  const inputs = Object.entries(task.inputs).map(
    ([name, input]) =>
      [name, { description: input.description, default: input.default ?? null, required: input.required }] as const,
  )
  const steps = task.steps.map((step, index) => step.name ?? `step ${index + 1}`)
  return {
    name: task.name,
    description: task.description,
    mode: task.mode,
    source,
    inputs: Object.fromEntries(inputs),
    reach: task.reach,
    steps,
  }
}

function result(problems: CheckResult['problems'] | readonly CheckResult['problems'][number][]): CheckResult {
  return { valid: problems.length === 0, problems: [...problems] }
}
