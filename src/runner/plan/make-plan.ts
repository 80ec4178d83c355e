// From a request to the plan of its run, kept in the store before anything starts.
import type { AdvisorySource } from '../../advisories/types.ts'
import type { Ceilings } from '../../domain/task/cap-limits.ts'
import type { Budgets } from '../../domain/connection.ts'
import type { Run } from '../../domain/run.ts'
import type { RunPlan } from '../../domain/run-plan.ts'
import type { RunRequest } from '../../domain/run-request.ts'
import type { Forge } from '../../forges/types.ts'
import type { PolicyEngine } from '../../policy/types.ts'
import type { Toolchain } from '../../sandbox/types.ts'
import type { BlobStore } from '../../store/types.ts'
import type { ModelParts } from './choose-model.ts'
import { chooseSandbox, fitTask, type SandboxParts } from './check-request.ts'
import { findSource } from './find-source.ts'
import { commandTask, findTask, type TaskParts } from './find-task.ts'

export interface PlanParts extends TaskParts, ModelParts, SandboxParts {
  store: { blobs: Pick<BlobStore, 'put'> }
  mirrors: string
  ceilings: Ceilings
  budgets: Budgets
  policy: PolicyEngine
  /** The policies in force and the schema, as one text. */
  policySet: string
  toolchain: Toolchain
}

export async function makePlan(
  parts: PlanParts,
  forge: Forge,
  { run, request, advisories }: { run: Run; request: RunRequest; advisories: AdvisorySource },
): Promise<RunPlan> {
  const source = await findSource(parts, forge, request.ref)
  const { work } = request
  const found =
    work.kind === 'task'
      ? await findTask(parts, work.name, source)
      : commandTask(work.argv, request.mode ?? 'read-only')
  const { agent, ...fitted } = await fitTask(parts, found, request)
  const put = async (text: string) => (await parts.store.blobs.put(new TextEncoder().encode(text))).digest
  return {
    version: 1,
    source: {
      repository: run.repository,
      origin: forge.originUrl,
      ref: request.ref,
      target: source.targetBranch,
      commit: source.commit,
      base: source.base,
    },
    task: { name: found.task.name, source: found.source, file: found.file, text: await put(found.text) },
    argv: work.kind === 'command' ? work.argv : null,
    ...fitted,
    agent: agent && { name: agent.agent, connection: agent.connection.name, model: agent.model },
    sandbox: chooseSandbox(parts, request.sandbox).kind,
    toolchain: { ...parts.toolchain.versions },
    advisories: advisories.name,
    policies: {
      digest: parts.policy.digest,
      ids: [...parts.policy.policyIds],
      set: await put(parts.policySet),
    },
    budgets: parts.budgets,
  }
}
