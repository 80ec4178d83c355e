// All use cases, bound to their parts.
import type { Call, Services } from '../contract/call.ts'
import type { EndpointName } from '../contract/table.ts'
import { allowAsk, denyAsk } from './asks/answer-ask.ts'
import { getAsk, readAskInput } from './asks/read-ask.ts'
import { listAsks } from './asks/read-asks.ts'
import { approveChange, rejectChange } from './changes/decide-change.ts'
import { mergeChange } from './changes/merge-change.ts'
import { publishChange } from './changes/publish-change.ts'
import { getChange, listChanges, readDiff } from './changes/read-changes.ts'
import { getConnection, listConnections } from './connections/read-connections.ts'
import { removeConnection } from './connections/remove-connection.ts'
import { setConnection } from './connections/set-connection.ts'
import { testConnection } from './connections/test-connection.ts'
import { listCredentials } from './credentials/list-credentials.ts'
import { removeCredential } from './credentials/remove-credential.ts'
import { rotateCredentials } from './credentials/rotate-credentials.ts'
import { setCredential } from './credentials/set-credential.ts'
import { getHealth, getInstance, readLog } from './instance/read-instance.ts'
import type { ServiceParts } from './parts.ts'
import { checkPolicy, listPolicies } from './policies/read-policies.ts'
import { previewPruning, pruneRuns } from './retention/prune-runs.ts'
import { cancelRun } from './runs/cancel-run.ts'
import { readSaidDid } from './runs/read-said-did.ts'
import { getRun, listRuns, readArtifact, readEvents, readOutput } from './runs/read-runs.ts'
import { rerunRun } from './runs/rerun-run.ts'
import { startRun } from './runs/start-run.ts'
import { withProblems } from './service-problems.ts'
import { checkTask, getTask, listTasks } from './tasks/read-tasks.ts'

type Unbound = {
  readonly [N in EndpointName]: (parts: ServiceParts, call: Call<N>) => ReturnType<Services[N]>
}

const SERVICES: Unbound = {
  startRun,
  rerunRun,
  listRuns,
  getRun,
  cancelRun,
  readEvents,
  readSaidDid,
  readOutput,
  readArtifact,
  previewPruning,
  pruneRuns,
  listAsks,
  getAsk,
  readAskInput,
  allowAsk,
  denyAsk,
  listChanges,
  getChange,
  readDiff,
  approveChange,
  rejectChange,
  publishChange,
  mergeChange,
  listTasks,
  getTask,
  checkTask,
  listPolicies,
  checkPolicy,
  listConnections,
  getConnection,
  setConnection,
  removeConnection,
  testConnection,
  listCredentials,
  setCredential,
  removeCredential,
  rotateCredentials,
  getInstance,
  getHealth,
  readLog,
}

/** Errors of the rooms below reach the caller as ServiceError (service-problems.ts). */
export function createServices(parts: ServiceParts): Services {
  const bound = Object.entries(SERVICES).map(([name, service]) => [
    name,
    (call: never) =>
      withProblems((service as (parts: ServiceParts, call: never) => Promise<unknown>)(parts, call), parts.dataFolder),
  ])
  return Object.fromEntries(bound) as Services
}
