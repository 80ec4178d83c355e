// What the use cases stand on; src/context.ts chooses each.
import type { PolicyInfo, SourceProblem, Probe } from '../contract/resources.ts'
import type { AdvisorySource } from '../advisories/types.ts'
import type { ManagedConnections, SecretReader, StoredSecrets, TestConnection } from '../credentials/types.ts'
import type { Ceilings } from '../domain/task/cap-limits.ts'
import type { AgentDefaults, Budgets } from '../domain/connection.ts'
import type { Task } from '../domain/task/task.ts'
import type { Forge } from '../forges/types.ts'
import type { RunnerParts } from '../runner/job.ts'
import type { SandboxProvider } from '../sandbox/types.ts'
import type { ActiveRuns } from './runs/active-runs.ts'

/** A task file as it was found, parsed. */
export interface FoundTask {
  task: Task
  text: string
  source: 'built-in' | 'repository'
}

export interface ServiceParts extends RunnerParts {
  /** Every kind that a run may ask for, by name; `sandbox` is what it gets when it does not. */
  sandboxKinds: ReadonlyMap<string, SandboxProvider>
  dataFolder: string
  version: string
  active: ActiveRuns
  /** Chooses the kind of forge by the repository's path or URL. Throws ForgeError. */
  openForge: (repository: string) => Forge
  /** Opens a folder of OSV records that a request names. */
  openAdvisories: (folder: string) => Promise<AdvisorySource>
  /** Built-in tasks, in order of name. */
  tasks: readonly FoundTask[]
  parseTask: (text: string, file: string) => Task
  /** Where each problem of a task file stands; empty when there is none. */
  checkTask: (text: string, file: string) => readonly SourceProblem[]
  checkPolicy: (text: string, file: string) => readonly SourceProblem[]
  policies: readonly PolicyInfo[]
  /** What a task may take at most. */
  ceilings: Ceilings
  /** Service identities that configuration declares. */
  declaredServices: readonly string[]
  /** Model connections, of the configuration file and of the API. */
  connections: ManagedConnections
  /** Reads the keys of connections. */
  secrets: SecretReader
  storedSecrets: StoredSecrets
  testConnection: TestConnection
  budgets: Budgets
  agentDefaults: AgentDefaults
  probes: () => Promise<readonly Probe[]>
  /** Folder of the mirrors, one a repository. */
  mirrors: string
}
