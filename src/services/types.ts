// What the server's handlers need of the use cases. Every method authorises first: it asks the policies whether the
// actor may do what the contract's row names as permission, and rejects with ServiceError `refused` (reason ids in
// `details`) when not. Ids are whole ids here: the server has resolved prefixes and `latest`.
import type {
  ChangeDetail,
  CheckResult,
  Health,
  Instance,
  PolicyList,
  RunDetail,
  SourceFile,
  StartRun,
  TaskDetail,
  TaskSummary,
} from '../contract/resources.ts'
import type { ConnectionInfo, ConnectionTestResult } from '../contract/connections.ts'
import type { ProblemCode } from '../contract/problem.ts'
import type { Actor } from '../domain/actor.ts'
import type { Ask, AskStatus } from '../domain/ask.ts'
import type { Rotation, StoredSecretInfo } from '../credentials/types.ts'
import type { Change } from '../domain/change.ts'
import type { Connection } from '../domain/connection.ts'
import type { Event, EventKind } from '../domain/event.ts'
import type { RunStatus } from '../domain/events/fields.ts'
import type { Run } from '../domain/run.ts'
import type { SaidDid } from '../domain/said-did/types.ts'

export interface ListFilter {
  /** Only ids that start so. */
  prefix?: string
  limit: number
}

export interface AskFilter extends ListFilter {
  status?: readonly AskStatus[]
  run?: string
}

export interface RunFilter extends ListFilter {
  status?: readonly RunStatus[]
}

export interface EventFilter {
  /** Only events with a greater seq. */
  after?: number
  /** Empty or absent: every kind. */
  kinds?: readonly EventKind[]
  /** true: backfill, then live until run.finished was given (also when `kinds` leaves it out) or the signal aborts. */
  follow: boolean
}

/** Of output that was kept from both ends: what came before the gap, after it, or both with a line between. */
export type OutputPart = 'head' | 'tail' | 'all'

/** Bytes on their way out: output, artifacts, diffs. Attacker-controlled. */
export interface Download {
  /** What a file of it could be called. */
  name: string
  /** null when it is not known beforehand. */
  length: number | null
  bytes: AsyncIterable<Uint8Array>
}

export interface Services {
  /** Records run.requested, queues, and returns at once; the run executes in this process until it is finished. */
  startRun(actor: Actor, request: StartRun): Promise<Run>
  /** Newest first. */
  listRuns(actor: Actor, filter: RunFilter): Promise<readonly Run[]>
  getRun(actor: Actor, run: string): Promise<RunDetail>
  /** Resolves once the run is asked to stop; run.finished comes later. `wrong-state` when it has finished. */
  cancelRun(actor: Actor, run: string): Promise<Run>
  /** Rejects on the first next() when there is no such run or policy denies it. */
  readEvents(actor: Actor, run: string, filter: EventFilter, signal: AbortSignal): AsyncIterable<Event>
  /** What the agents of a run said beside what was seen; at most `limit` rows of each class in each list. */
  readSaidDid(actor: Actor, run: string, limit: number): Promise<SaidDid>
  /** `not-found` when the step has not finished or there is no such step; no output at all is zero bytes. */
  readOutput(actor: Actor, run: string, step: number, stream: 'stdout' | 'stderr', part?: OutputPart): Promise<Download>
  readArtifact(actor: Actor, run: string, name: string): Promise<Download>

  /** Newest first. */
  listChanges(actor: Actor, filter: ListFilter): Promise<readonly Change[]>
  getChange(actor: Actor, change: string): Promise<ChangeDetail>
  /** Unified diff from base to commit. */
  readDiff(actor: Actor, change: string): Promise<Download>
  approveChange(actor: Actor, change: string, reason: string | null): Promise<ChangeDetail>
  rejectChange(actor: Actor, change: string, reason: string | null): Promise<ChangeDetail>
  /** As mergeChange; `wrong-state` when it was published already. */
  publishChange(actor: Actor, change: string): Promise<ChangeDetail>
  /** `gate-closed` with the unmet conditions in `details`; `conflict` when the forge does not take it. */
  mergeChange(actor: Actor, change: string): Promise<ChangeDetail>

  /** What agents ask of people. Newest first. */
  listAsks(actor: Actor, filter: AskFilter): Promise<readonly Ask[]>
  /** `wrong-state` when it was answered, or its deadline or its run is over. An answer that resolves is what the agent got. */
  answerAsk(actor: Actor, ask: string, answer: 'allowed' | 'denied', reason: string | null): Promise<Ask>

  listTasks(actor: Actor): Promise<readonly TaskSummary[]>
  getTask(actor: Actor, name: string): Promise<TaskDetail>
  checkTask(actor: Actor, file: SourceFile): Promise<CheckResult>

  listPolicies(actor: Actor): Promise<PolicyList>
  checkPolicy(actor: Actor, file: SourceFile): Promise<CheckResult>

  /** By name, without values. */
  listCredentials(actor: Actor): Promise<readonly StoredSecretInfo[]>
  /** `bad-input` for a value that can be no key; nothing of it is in the error. */
  setCredential(actor: Actor, name: string, value: string): Promise<StoredSecretInfo>
  removeCredential(actor: Actor, name: string): Promise<void>
  /** `wrong-state` when there is no other master key to rotate to. */
  rotateCredentials(actor: Actor): Promise<Rotation>

  /** By name. */
  listConnections(actor: Actor): Promise<readonly ConnectionInfo[]>
  getConnection(actor: Actor, name: string): Promise<ConnectionInfo>
  /** `conflict` when the configuration file has one of that name. */
  setConnection(actor: Actor, connection: Connection): Promise<ConnectionInfo>
  removeConnection(actor: Actor, name: string): Promise<void>
  testConnection(actor: Actor, name: string, signal: AbortSignal): Promise<ConnectionTestResult>

  /** What the machine has and lacks. Never rejects for what is missing. */
  examine(actor: Actor): Promise<Health>
  instance(actor: Actor): Promise<Instance>
}

/** What a person or a program meets when a use case says no. `details` are whole lines. */
export class ServiceError extends Error {
  readonly code: ProblemCode
  readonly cure: string | undefined
  readonly details: readonly string[]
  constructor(
    code: ProblemCode,
    message: string,
    more: { cure?: string; details?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ServiceError'
    this.code = code
    this.cure = more.cure
    this.details = more.details ?? []
  }
}

export interface OpenContextOptions {
  /** Absolute. Made, with mode 0700, when it is not there. */
  dataFolder: string
  /** Aborting it cancels what runs. */
  signal?: AbortSignal
}

/**
 * The running parts, as src/context.ts makes them: `openContext(options: OpenContextOptions): Promise<Context>`. It holds
 * the data folder, and rejects with ServiceError `busy` when another process does. Disposing of it cancels the runs that
 * still work, waits for them and for their sandboxes, and releases the folder.
 */
export interface Context extends AsyncDisposable {
  readonly services: Services
  readonly dataFolder: string
}

export type OpenContext = (options: OpenContextOptions) => Promise<Context>
