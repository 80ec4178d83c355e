// Stage `resolve`: turns the request into a plan, which is recorded before anything else happens.
import { canonicalJson } from '../../domain/canonical.ts'
import { platformEvent } from '../../domain/event.ts'
import type { Run } from '../../domain/run.ts'
import { RunPlan } from '../../domain/run-plan.ts'
import { RunRequest } from '../../domain/run-request.ts'
import { askPolicies, refusalText } from '../ask-policies.ts'
import type { Forge } from '../../forges/types.ts'
import type { Job, RunnerParts } from '../job.ts'
import { jobFromPlan } from '../plan/job-from-plan.ts'
import { makePlan } from '../plan/make-plan.ts'
import { StopReason } from '../stop-reason.ts'

export async function resolve(run: Run, parts: RunnerParts): Promise<Job> {
  const request = await requestOf(run, parts)
  const forge = parts.openForge(run.repository)
  const advisories = request.advisories === null ? parts.advisories : await parts.openAdvisories(request.advisories)
  const plan = await makePlan(parts, forge, { run, request, advisories })
  await authoriseAgain(run, plan, forge.kind, parts)
  const job = await jobFromPlan(parts, plan, { run, forge, advisories })
  const counts = { steps: countSteps(plan, job), uncommitted: await uncommittedFiles(forge, plan) }
  return { ...job, run: await keepPlan(run, plan, counts, parts) }
}

async function requestOf(run: Run, { store }: RunnerParts): Promise<RunRequest> {
  const bytes = run.request === null ? null : await store.blobs.read(run.request)
  if (bytes === null) throw new Error(`the request of run ${run.id} is missing from the store (${run.request})`)
  return RunRequest.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

/** Authorises again with the task's real values, so that leaving out `mode` can't bypass a policy about it. */
async function authoriseAgain(run: Run, plan: RunPlan, forge: string, parts: RunnerParts): Promise<void> {
  const { task, source, mode, sandbox } = plan
  const { repository, ref, commit } = source
  const ask = {
    action: 'run.start',
    resource: { type: 'Repository' as const, id: repository, attributes: { url: repository, forge } },
    context: {
      task: task.name,
      taskSource: task.source,
      repository,
      ...(ref === null ? {} : { ref }),
      mode,
      commit,
      sandbox,
      reach: plan.reach,
    },
    run: run.id,
  }
  const asker = { actor: run.requester, roles: [], teams: [] }
  const decision = await askPolicies(parts, asker, ask)
  if (!decision.allowed) throw new StopReason('refused', refusalText(run.requester, ask, decision))
}

/** Edits matter only to a run on the branch that is checked out. */
async function uncommittedFiles({ workTree }: Forge, { source }: RunPlan): Promise<number> {
  return source.base === null ? ((await workTree?.uncommittedFiles()) ?? 0) : 0
}

/** The steps of the task, the clone, and the collection of changes. A repaired step runs again in addition. */
function countSteps({ mode }: RunPlan, { steps }: Job): number {
  return 1 + steps.length + (mode === 'read-only' ? 0 : 1)
}

interface Counts {
  steps: number
  uncommitted: number
}

async function keepPlan(
  run: Run,
  plan: RunPlan,
  { steps, uncommitted }: Counts,
  { store, ids }: RunnerParts,
): Promise<Run> {
  const blob = await store.blobs.put(new TextEncoder().encode(canonicalJson(RunPlan.parse(plan))))
  const { source, task, mode, sandbox, inputs, policies } = plan
  const { commit } = source
  return store.transact(async (tx) => {
    await tx.plans.insert({ run: run.id, attempt: run.attempt, ...blob, createdAt: ids.now() })
    const fields = { task: task.name, taskSource: task.source, commit, mode, sandbox, inputs }
    const planned = await tx.runs.update(run.id, fields)
    await tx.record([
      platformEvent(run.id, 'run.planned', {
        plan: blob.digest,
        commit,
        target: source.target,
        task: task.name,
        taskSource: task.source,
        taskText: task.text,
        mode,
        sandbox,
        toolchain: plan.toolchain,
        notes: plan.notes,
        ...(uncommitted > 0 ? { uncommitted } : {}),
        steps,
        policyDigest: policies.digest,
        policySet: policies.set,
      }),
    ])
    return planned
  })
}
