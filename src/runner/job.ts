// The job of a run: pinned before the run starts, and never taken from a sandbox.
import type { AgentKind, DriveAgent, InstalledAgent } from '../agents/types.ts'
import type { AdvisorySource } from '../advisories/types.ts'
import type { Digest } from '../domain/events/fields.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Run } from '../domain/run.ts'
import type { RunPlan } from '../domain/run-plan.ts'
import type { Task } from '../domain/task/task.ts'
import type { PlannedStep } from '../domain/task/plan-steps.ts'
import type { Forge } from '../forges/types.ts'
import type { HostGit } from '../git/host-git.ts'
import type { BaseBranch } from '../git/quarantine.ts'
import type { PolicyEngine } from '../policy/types.ts'
import type { GuestListener, SandboxProvider, Toolchain } from '../sandbox/types.ts'
import type { WritingStore } from '../store/types.ts'
import type { RunGatewayOptions } from '../gateway/open-run-gateway.ts'
import type { Models } from '../gateway/model/open-models.ts'
import type { Gateway } from '../gateway/types.ts'
import type { AgentChoice } from './agents/agent-choice.ts'
import type { AskingParts } from './ask-policies.ts'
import type { LiveOutputs } from './steps/live-output.ts'
import type { PlanParts } from './plan/make-plan.ts'

/** Input of the stages after `resolve`, made from the plan. */
export interface Job {
  run: Run
  plan: RunPlan
  task: Task
  steps: readonly PlannedStep[]
  forge: Forge
  sandbox: SandboxProvider
  /** Toolchain whose folders come first in the steps' PATH. */
  toolchain: Toolchain
  advisories: AdvisorySource
  /** Our bare mirror of the forge's repository. */
  mirror: string
  /** The commit that the run works on. */
  commit: string
  /** Branch of that commit and target of the change. */
  targetBranch: string
  /** The default branch, if it differs from the target branch. */
  base: BaseBranch | null
  /** Choice for agent steps; null when no model is connected. */
  agent: AgentChoice | null
  /** For another attempt at a change: where its steps start. */
  start: Start | null
}

export interface Start {
  /** The reviewed commit. */
  commit: string
  /** Blob: the commit as a git pack, on top of the commit that the run works on. */
  pack: Digest
  /** The review comments, as text. */
  review: string
}

/** Opens the gateway of one run: proxy, git and registries behind one unix socket. */
export type OpenRunGateway = (options: RunGatewayOptions) => Promise<Gateway>

/** Implementations that the stages use; src/context.ts chooses each. */
export interface RunnerParts extends PlanParts, AskingParts {
  /** Store of a running run, bound to its claim: it refuses writes of a worker that lost the run. */
  store: WritingStore
  policy: PolicyEngine
  /** Time that a person has to answer an agent's permission request, in ms. */
  askMs: number
  ids: IdSource
  git: HostGit
  sandbox: SandboxProvider
  /** Chooses the kind of forge by the repository's path or URL. Throws ForgeError. */
  openForge: (repository: string) => Forge
  /** Opens the folder of OSV records that a request names. */
  openAdvisories: (folder: string) => Promise<AdvisorySource>
  listenForGuest: (socketPath: string) => Promise<GuestListener>
  openRunGateway: OpenRunGateway
  /** Those that this Glovebox holds, to look for in what a run proposes. */
  secrets: { known(): Promise<readonly { reveal(): string }[]> }
  advisories: AdvisorySource
  models: Pick<Models, 'forRun'>
  drive: DriveAgent
  /** Finds an installed agent. Rejects with a sentence that says how to install it. */
  installedAgent: (kind: AgentKind, sandboxKind: string) => Promise<InstalledAgent>
  /** Output of the steps at work. */
  live: LiveOutputs
  /** Folder of the sandbox directories, one per run. */
  sandboxes: string
  /** Folder of the quarantine repositories, one per run. */
  quarantines: string
}
