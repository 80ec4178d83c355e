// What a run is given before it starts: everything here is pinned, and nothing here comes from a sandbox.
import type { AgentKind, AgentRegistry, DriveAgent, InstalledAgent } from '../agents/types.ts'
import type { AdvisorySource } from '../advisories/types.ts'
import type { Budgets, Connection } from '../domain/connection.ts'
import type { IdSource } from '../domain/ids.ts'
import type { ReachSets } from '../domain/reach.ts'
import type { Run } from '../domain/run.ts'
import type { Task } from '../domain/task/task.ts'
import type { PlannedStep } from '../domain/task/plan-steps.ts'
import type { Forge } from '../forges/types.ts'
import type { HostGit } from '../git/host-git.ts'
import type { BaseBranch } from '../git/quarantine.ts'
import type { PolicyEngine } from '../policy/types.ts'
import type { GuestListener, OtherToolchains, SandboxProvider, Toolchain } from '../sandbox/types.ts'
import type { Store } from '../store/types.ts'
import type { RunGatewayOptions } from '../gateway/open-run-gateway.ts'
import type { Models } from '../gateway/model/open-models.ts'
import type { Gateway } from '../gateway/types.ts'
import type { AskDesk } from './asks/ask-desk.ts'

export interface Job {
  run: Run
  task: Task
  /** Digest of the task as it was read. */
  taskDigest: string
  steps: readonly PlannedStep[]
  forge: Forge
  /** Our bare mirror of the forge's repository. */
  mirror: string
  /** The commit that the run works on. */
  commit: string
  /** The branch that it was taken from and that the change is meant for. */
  targetBranch: string
  /** The default branch, where that is another one. */
  base: BaseBranch | null
  /** What the requester should know of how the run was set up. */
  notes?: readonly string[]
  /** What agent steps are asked with; null when no model is connected. */
  agent: AgentChoice | null
}

/** What a run's agents are given, pinned when it was asked for. */
export interface AgentChoice {
  /** What `agent: default` stands for. */
  agent: string
  connection: Connection
  model: string
}

/** Opens the wall for one run: proxy, git and registries behind one unix socket. */
export type OpenRunGateway = (options: RunGatewayOptions) => Promise<Gateway>

/** What the stages stand on; src/context.ts chooses each. */
export interface RunnerParts {
  store: Store
  policy: PolicyEngine
  asks: AskDesk
  ids: IdSource
  git: HostGit
  sandbox: SandboxProvider
  listenForGuest: (socketPath: string) => Promise<GuestListener>
  openRunGateway: OpenRunGateway
  advisories: AdvisorySource
  /** The built-in one. */
  toolchain: Toolchain
  otherToolchains: OtherToolchains
  /** What names in a task's `reach` stand for, where the configuration says it. */
  reach: ReachSets
  models: Pick<Models, 'forRun'>
  budgets: Budgets
  agents: AgentRegistry
  drive: DriveAgent
  /** Rejects with a sentence that says how to install it when it is nowhere. */
  installedAgent: (kind: AgentKind, sandboxKind: string) => Promise<InstalledAgent>
  /** Folder of the sandbox directories, one a run. */
  sandboxes: string
  /** Folder of the quarantine repositories, one a run. */
  quarantines: string
}
