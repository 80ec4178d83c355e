// Turns a request into the plan of its run, which is stored before anything starts.
import type { AdvisorySource } from '../../advisories/types.ts'
import type { Ceilings } from '../../domain/task/cap-limits.ts'
import type { Budgets } from '../../domain/budget.ts'
import type { ProtectedKind } from '../../domain/inspection/protected-kinds.ts'
import type { ReachSets } from '../../domain/reach.ts'
import { reachOf } from '../../domain/reach.ts'
import type { Run } from '../../domain/run.ts'
import { PUSH_BRANCH, START_BRANCH } from '../../domain/run.ts'
import type { RunPlan } from '../../domain/run-plan.ts'
import type { RunRequest } from '../../domain/run-request.ts'
import type { Forge } from '../../forges/types.ts'
import { conflictingBranch } from '../../git/branch-conflict.ts'
import type { PolicyEngine } from '../../policy/types.ts'
import type { BlobStore } from '../../store/types.ts'
import type { ModelParts } from './choose-model.ts'
import { chooseSandbox, fitTask, type SandboxParts } from './check-request.ts'
import { chooseToolchain, nameToolchain, type ToolchainParts } from './choose-toolchain.ts'
import { findSource, type Source } from './find-source.ts'
import { adHocTask } from './ad-hoc-task.ts'
import { findTask, type FoundTask, type TaskParts } from './find-task.ts'
import { PlanError } from './plan-error.ts'
import { recordedPlan, recordedSource, recordedTask } from './recorded-plan.ts'
import { setUpFiles } from './set-up-files.ts'
import { setUpNotes } from './set-up-notes.ts'
import { wantedNode } from './wanted-node.ts'

export interface PlanParts extends TaskParts, ModelParts, SandboxParts, ToolchainParts {
  store: { blobs: Pick<BlobStore, 'put' | 'read'> }
  mirrors: string
  ceilings: Ceilings
  budgets: Budgets
  policy: PolicyEngine
  /** The policies in force and the schema, as one text. */
  policySet: string
  /** Configured meanings of the names in a task's `reach`. */
  reach: ReachSets
  /** What the configuration adds to the built-in kinds. */
  protectedPaths: readonly ProtectedKind[]
}

export async function makePlan(
  parts: PlanParts,
  forge: Forge,
  { run, request, advisories }: { run: Run; request: RunRequest; advisories: AdvisorySource },
): Promise<RunPlan> {
  const { work, attempt } = request
  const { source, found } = await (attempt === null
    ? sourceAndTask(parts, forge, request)
    : recordedSourceAndTask(parts, forge, attempt))
  const { agent, ...fitted } = await fitTask(parts, found, request)
  if (fitted.mode === 'write') refuseOwnName(source, PUSH_BRANCH)
  if (attempt !== null) refuseOwnName(source, START_BRANCH)
  const files = await setUpFiles(parts.git, source)
  const toolchainName = await nameToolchain(found.task.toolchain, wantedNode(files), parts)
  const toolchain = await chooseToolchain(toolchainName, parts)
  const hosts = reachOf(found.task.reach, parts.reach)
  const put = async (text: string) => (await parts.store.blobs.put(new TextEncoder().encode(text))).digest
  return {
    version: 1,
    source: {
      repository: run.repository,
      origin: forge.originUrl,
      ref: request.ref,
      target: source.targetBranch,
      commit: source.commit,
      time: clampTime(source.time),
      base: source.base,
    },
    task: { name: found.name, source: found.source, file: found.file, text: await put(found.text) },
    argv: work.kind === 'command' ? work.argv : null,
    ...fitted,
    agent: agent && { name: agent.agent, connection: agent.connection.name, model: agent.model },
    sandbox: chooseSandbox(parts, request.sandbox).kind,
    toolchainName,
    toolchain: { ...toolchain.versions },
    reach: found.task.reach,
    hosts,
    notes: [...(source.note === null ? [] : [source.note]), ...setUpNotes(files, { toolchain, hosts })],
    advisories: advisories.name,
    policies: {
      digest: parts.policy.digest,
      ids: [...parts.policy.policyIds],
      set: await put(parts.policySet),
    },
    protectedPaths: [...parts.protectedPaths],
    budgets: parts.budgets,
    start: attempt && { commit: attempt.start, pack: attempt.pack, review: attempt.review },
  }
}

interface Located {
  source: Source
  found: FoundTask
}

async function sourceAndTask(parts: PlanParts, forge: Forge, request: RunRequest): Promise<Located> {
  const { work, ref } = request
  const source = await findSource(parts, forge, ref)
  const found = work.kind === 'task' ? await findTask(parts, work.name, source) : adHocTask(parts, work, request)
  return { source, found }
}

/** Another attempt at a change has the base, the target and the task of the run that proposed it. */
async function recordedSourceAndTask(
  parts: PlanParts,
  forge: Forge,
  { plan }: NonNullable<RunRequest['attempt']>,
): Promise<Located> {
  const recorded = await recordedPlan(parts.store, plan)
  return { source: await recordedSource(parts, forge, recorded), found: await recordedTask(parts, recorded) }
}

/**
 * Range of commit times, 1980-01-01 to 2099-12-31: zip files support no earlier time and some programs no later one.
 */
const EARLIEST = 315_532_800
const LATEST = 4_102_444_799

function clampTime(seconds: number): number {
  return Math.min(Math.max(seconds, EARLIEST), LATEST)
}

/** Refuses a target branch with the name of a branch of Glovebox, because quarantine holds both. */
function refuseOwnName({ targetBranch, base }: Source, own: string): void {
  const shown = [targetBranch, ...(base === null ? [] : [base.branch])]
  const taken = shown.includes(own) ? own : conflictingBranch(own, shown)
  if (taken === null) return
  const use =
    own === PUSH_BRANCH ? 'a run that may write pushes what it proposes as' : 'an attempt finds the reviewed files at'
  const why = `${use} ${own}, and the repository's own branch ${taken} is in the way`
  throw new PlanError(why, 'rename it')
}
