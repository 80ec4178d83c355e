// All use cases, bound to their parts. The file of a use case is loaded when it is first called.
import type { Call, Services } from '../contract/call.ts'
import type { EndpointName } from '../contract/table.ts'
import { UnknownAnswer } from '../policy/types.ts'
import type { AuthoriseParts } from './authorise.ts'
import type { ServiceParts } from './parts.ts'
import { withProblems } from './with-problems.ts'

/** What most reading use cases stand on: the store and the policies. Without `live`, no step is at work in this process. */
export type ReadingParts = AuthoriseParts & Pick<ServiceParts, 'dataFolder'> & Partial<Pick<ServiceParts, 'live'>>

/** Parts of a process that may only read: it opens all parts when a use case needs them. */
export interface PartsOnDemand {
  /** Its policies may throw UnknownAnswer; the use case is then called again, with all parts. */
  readonly reading: ReadingParts
  readonly all: () => Promise<ServiceParts>
}

type Service<N extends EndpointName, Parts> = (parts: Parts, call: Call<N>) => ReturnType<Services[N]>
type Loaders<N extends EndpointName, Parts> = { readonly [K in N]: () => Promise<Service<K, Parts>> }

type ReadingName =
  | 'listRuns'
  | 'readEvents'
  | 'readOutput'
  | 'readArtifact'
  | 'listAsks'
  | 'listChanges'
  | 'readDiff'
  | 'readLog'

const READING: Loaders<ReadingName, ReadingParts> = {
  listRuns: async () => (await import('./runs/read-runs.ts')).listRuns,
  readEvents: async () => (await import('./runs/read-runs.ts')).readEvents,
  readOutput: async () => (await import('./runs/read-runs.ts')).readOutput,
  readArtifact: async () => (await import('./runs/read-runs.ts')).readArtifact,
  listAsks: async () => (await import('./asks/read-asks.ts')).listAsks,
  listChanges: async () => (await import('./changes/read-changes.ts')).listChanges,
  readDiff: async () => (await import('./changes/read-changes.ts')).readDiff,
  readLog: async () => (await import('./instance/read-instance.ts')).readLog,
}

const OTHERS: Loaders<Exclude<EndpointName, ReadingName>, ServiceParts> = {
  startRun: async () => (await import('./runs/start-run.ts')).startRun,
  rerunRun: async () => (await import('./runs/rerun-run.ts')).rerunRun,
  getRun: async () => (await import('./runs/read-runs.ts')).getRun,
  cancelRun: async () => (await import('./runs/cancel-run.ts')).cancelRun,
  readSaidDid: async () => (await import('./runs/read-said-did.ts')).readSaidDid,
  previewPruning: async () => (await import('./retention/prune-runs.ts')).previewPruning,
  pruneRuns: async () => (await import('./retention/prune-runs.ts')).pruneRuns,
  getAsk: async () => (await import('./asks/read-ask.ts')).getAsk,
  readAskInput: async () => (await import('./asks/read-ask.ts')).readAskInput,
  allowAsk: async () => (await import('./asks/answer-ask.ts')).allowAsk,
  denyAsk: async () => (await import('./asks/answer-ask.ts')).denyAsk,
  getChange: async () => (await import('./changes/read-changes.ts')).getChange,
  approveChange: async () => (await import('./changes/decide-change.ts')).approveChange,
  rejectChange: async () => (await import('./changes/decide-change.ts')).rejectChange,
  retryChange: async () => (await import('./changes/retry-change.ts')).retryChange,
  publishChange: async () => (await import('./changes/publish-change.ts')).publishChange,
  mergeChange: async () => (await import('./changes/merge-change.ts')).mergeChange,
  listTasks: async () => (await import('./tasks/read-tasks.ts')).listTasks,
  getTask: async () => (await import('./tasks/read-tasks.ts')).getTask,
  checkTask: async () => (await import('./tasks/read-tasks.ts')).checkTask,
  listPolicies: async () => (await import('./policies/read-policies.ts')).listPolicies,
  checkPolicy: async () => (await import('./policies/read-policies.ts')).checkPolicy,
  listConnections: async () => (await import('./connections/read-connections.ts')).listConnections,
  getConnection: async () => (await import('./connections/read-connections.ts')).getConnection,
  setConnection: async () => (await import('./connections/set-connection.ts')).setConnection,
  removeConnection: async () => (await import('./connections/remove-connection.ts')).removeConnection,
  testConnection: async () => (await import('./connections/test-connection.ts')).testConnection,
  listCredentials: async () => (await import('./credentials/list-credentials.ts')).listCredentials,
  setCredential: async () => (await import('./credentials/set-credential.ts')).setCredential,
  removeCredential: async () => (await import('./credentials/remove-credential.ts')).removeCredential,
  rotateCredentials: async () => (await import('./credentials/rotate-credentials.ts')).rotateCredentials,
  getInstance: async () => (await import('./instance/read-instance.ts')).getInstance,
  getHealth: async () => (await import('./instance/read-instance.ts')).getHealth,
}

type AnyLoader<Parts> = () => Promise<(parts: Parts, call: never) => Promise<unknown>>

/** Errors of the rooms below reach the caller as ServiceError (service-problems.ts). */
export function createServices(parts: ServiceParts): Services {
  return createServicesOnDemand({ reading: parts, all: () => Promise.resolve(parts) })
}

export function createServicesOnDemand({ reading, all }: PartsOnDemand): Services {
  const read = bindAll(READING, async (load: AnyLoader<ReadingParts>, call) => {
    const service = await load()
    try {
      return await service(reading, call)
    } catch (error) {
      if (!(error instanceof UnknownAnswer)) throw error
      return service(await all(), call)
    }
  })
  const others = bindAll(OTHERS, async (load: AnyLoader<ServiceParts>, call) => {
    const [service, parts] = await Promise.all([load(), all()])
    return service(parts, call)
  })
  return { ...read, ...others } as Services

  function bindAll<Parts>(
    loaders: object,
    answer: (load: AnyLoader<Parts>, call: never) => Promise<unknown>,
  ): Record<string, unknown> {
    const bound = Object.entries(loaders).map(([name, load]) => [
      name,
      (call: never) => withProblems(answer(load as AnyLoader<Parts>, call), reading.dataFolder),
    ])
    return Object.fromEntries(bound)
  }
}
