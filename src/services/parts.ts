// What the use cases stand on; src/context.ts chooses each.
import type { PolicyInfo, Probe, SourceProblem } from '../contract/resources.ts'
import type { ManagedConnections, SecretReader, StoredSecrets, TestConnection } from '../credentials/types.ts'
import type { RunnerParts } from '../runner/job.ts'
import type { Worker } from '../runner/worker.ts'
import type { Store } from '../store/types.ts'

export interface ServiceParts extends RunnerParts {
  store: Store
  dataFolder: string
  version: string
  worker: Pick<Worker, 'wake' | 'stop' | 'atWork' | 'whenUnrecorded'>
  /** Names this process to others that use the store (worker-name.ts). */
  processName: string
  workerIsGone: (worker: string) => boolean
  /** Repositories that callers who don't own this machine may name: name to absolute path or URL. */
  repositories: ReadonlyMap<string, string>
  /** Where each problem of a task file stands; empty when there is none. */
  checkTask: (text: string, file: string) => readonly SourceProblem[]
  checkPolicy: (text: string, file: string) => readonly SourceProblem[]
  policies: readonly PolicyInfo[]
  /** Connections, of the configuration file and of the API. */
  connections: ManagedConnections
  /** Reads the keys of connections. */
  secrets: SecretReader
  storedSecrets: StoredSecrets
  testConnection: TestConnection
  probes: () => Promise<readonly Probe[]>
}
