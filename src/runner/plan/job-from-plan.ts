// The job of the stages, made from the plan alone, so that a run executes exactly the recorded plan.
import type { AdvisorySource } from '../../advisories/types.ts'
import { isOfKind } from '../../domain/connections/connection.ts'
import type { Run } from '../../domain/run.ts'
import type { RunPlan } from '../../domain/run-plan.ts'
import { planSteps, type PlannedStep } from '../../domain/task/plan-steps.ts'
import type { Forge } from '../../forges/types.ts'
import type { BlobStore } from '../../store/types.ts'
import { REPOSITORY_PATH } from '../environment.ts'
import type { AgentChoice } from '../agents/agent-choice.ts'
import type { Job, Start } from '../job.ts'
import type { ModelParts } from './choose-model.ts'
import { chooseSandbox, type SandboxParts } from './check-request.ts'
import { chooseToolchain, type ToolchainParts } from './choose-toolchain.ts'
import { mirrorOf } from './find-source.ts'
import type { TaskParts } from './find-task.ts'
import { PlanError } from './plan-error.ts'
import { recordedTask, recordedText } from './recorded-plan.ts'

interface JobParts extends Pick<TaskParts, 'parseTask'>, Pick<ModelParts, 'connections'>, SandboxParts, ToolchainParts {
  store: { blobs: Pick<BlobStore, 'read'> }
  mirrors: string
}

export async function jobFromPlan(
  parts: JobParts,
  plan: RunPlan,
  { run, forge, advisories }: { run: Run; forge: Forge; advisories: AdvisorySource },
): Promise<Job> {
  const task = { ...(await recordedTask(parts, plan)).task, limits: plan.limits }
  return {
    run,
    plan,
    task,
    steps: stepsOf(planSteps(task, plan.inputs, REPOSITORY_PATH), plan.argv),
    forge,
    advisories,
    sandbox: chooseSandbox(parts, plan.sandbox),
    toolchain: await chooseToolchain(plan.toolchainName, parts),
    mirror: mirrorOf(parts, plan.source.repository),
    commit: plan.source.commit,
    targetBranch: plan.source.target,
    base: plan.source.base,
    agent: await agentOf(parts, plan),
    start: await startOf(parts, plan),
  }
}

async function startOf({ store }: JobParts, { start }: RunPlan): Promise<Start | null> {
  return start && { ...start, review: await recordedText(store, start.review, 'review') }
}

function stepsOf(steps: readonly PlannedStep[], argv: readonly string[] | null): readonly PlannedStep[] {
  return argv === null ? steps : steps.map((step) => (step.kind === 'command' ? { ...step, argv } : step))
}

async function agentOf({ connections }: JobParts, { agent }: RunPlan): Promise<AgentChoice | null> {
  if (agent === null) return null
  const connection = await connections.get(agent.connection)
  if (connection === null || !isOfKind(connection, 'model'))
    throw new PlanError(`the model connection \`${agent.connection}\` was removed meanwhile`)
  return { agent: agent.name, connection, model: agent.model }
}
