// The use cases, bound to what they stand on.
import { answerAsk } from './asks/answer-ask.ts'
import { cancelRun } from './runs/cancel-run.ts'
import { listCredentials } from './credentials/list-credentials.ts'
import { decideChange } from './changes/decide-change.ts'
import { mergeChange } from './changes/merge-change.ts'
import type { ServiceParts } from './parts.ts'
import { publishChange } from './changes/publish-change.ts'
import { listAsks } from './asks/read-asks.ts'
import { getChange, listChanges, readDiff } from './changes/read-changes.ts'
import { getConnection, listConnections } from './connections/read-connections.ts'
import {
  checkPolicy,
  checkTask,
  examine,
  getTask,
  listPolicies,
  listTasks,
  readInstance,
} from './instance/read-instance.ts'
import { getRun, listRuns, readArtifact, readEvents, readOutput } from './runs/read-runs.ts'
import { removeConnection } from './connections/remove-connection.ts'
import { removeCredential } from './credentials/remove-credential.ts'
import { rotateCredentials } from './credentials/rotate-credentials.ts'
import { setConnection } from './connections/set-connection.ts'
import { setCredential } from './credentials/set-credential.ts'
import { readSaidDid } from './runs/read-said-did.ts'
import { startRun } from './runs/start-run.ts'
import { testConnection } from './connections/test-connection.ts'
import { withProblems } from './service-problems.ts'
import type { Services } from './types.ts'

export function createServices(parts: ServiceParts): Services {
  return {
    startRun: (actor, request) => withProblems(startRun(parts, actor, request)),
    listRuns: (actor, filter) => listRuns(parts, actor, filter),
    getRun: (actor, run) => getRun(parts, actor, run),
    cancelRun: (actor, run) => cancelRun(parts, actor, run),
    readEvents: (actor, run, filter, signal) => readEvents(parts, actor, run, filter, signal),
    readSaidDid: (actor, run, limit) => readSaidDid(parts, actor, run, limit),
    readOutput: (actor, run, step, stream, part) => readOutput(parts, actor, run, step, stream, part),
    readArtifact: (actor, run, name) => readArtifact(parts, actor, run, name),
    listChanges: (actor, filter) => listChanges(parts, actor, filter),
    getChange: (actor, change) => getChange(parts, actor, change),
    readDiff: (actor, change) => readDiff(parts, actor, change),
    approveChange: (actor, change, reason) => decideChange(parts, actor, change, 'approved', reason),
    rejectChange: (actor, change, reason) => decideChange(parts, actor, change, 'rejected', reason),
    publishChange: (actor, change) => withProblems(publishChange(parts, actor, change)),
    mergeChange: (actor, change) => withProblems(mergeChange(parts, actor, change)),
    listAsks: (actor, filter) => listAsks(parts, actor, filter),
    answerAsk: (actor, ask, answer, reason) => answerAsk(parts, actor, ask, answer, reason),
    listTasks: (actor) => listTasks(parts, actor),
    getTask: (actor, name) => getTask(parts, actor, name),
    checkTask: (actor, file) => checkTask(parts, actor, file),
    listPolicies: (actor) => listPolicies(parts, actor),
    checkPolicy: (actor, file) => checkPolicy(parts, actor, file),
    listCredentials: (actor) => withProblems(listCredentials(parts, actor)),
    setCredential: (actor, name, value) => withProblems(setCredential(parts, actor, name, value)),
    removeCredential: (actor, name) => withProblems(removeCredential(parts, actor, name)),
    rotateCredentials: (actor) => withProblems(rotateCredentials(parts, actor)),
    listConnections: (actor) => listConnections(parts, actor),
    getConnection: (actor, name) => getConnection(parts, actor, name),
    setConnection: (actor, connection) => withProblems(setConnection(parts, actor, connection)),
    removeConnection: (actor, name) => withProblems(removeConnection(parts, actor, name)),
    testConnection: (actor, name, signal) => withProblems(testConnection(parts, actor, name, signal)),
    examine: (actor) => examine(parts, actor),
    instance: (actor) => readInstance(parts, actor),
  }
}
