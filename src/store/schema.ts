// The tables after the newest migration. Columns with lists, objects, or text of people and agents hold JSON.
import type { AskStatus } from '../domain/ask.ts'
import type { EventKind, EventSource } from '../domain/event.ts'
import type { Generated } from 'kysely'
import type { RunStatus, RunTrigger } from '../domain/events/fields.ts'
import type { ChangeState, Decision } from '../domain/change.ts'

export interface Schema {
  schema_migrations: MigrationRow
  runs: RunRow
  plans: PlanRow
  claims: ClaimRow
  leases: LeaseRow
  changes: ChangeRow
  decisions: DecisionRow
  attempts: AttemptRow
  asks: AskRow
  events: EventRow
  sequences: SequenceRow
  unplaced: Omit<UnplacedRow, 'ticket'> & { ticket: Generated<number> }
  log: LogRow
  traces: TraceRow
  trace_files: TraceFileRow
  credentials: CredentialRow
  connections: ConnectionRow
  model_usage: ModelUsageRow
}

export interface MigrationRow {
  version: number
  name: string
  applied_at: number
}

export interface RunRow {
  id: string
  task: string
  task_source: string
  repository: string
  ref: string | null
  commit: string | null
  mode: string
  inputs: string
  sandbox: string
  requester: string
  /** The id in `requester`, to find and to compare. */
  requester_id: string
  trigger: RunTrigger
  plan: string | null
  attempt: number
  priority: number
  not_before: number
  idempotency_key: string | null
  request: string | null
  cancelled_by: string | null
  status: RunStatus
  reason: string | null
  created_at: number
  started_at: number | null
  finished_at: number | null
}

/** The plan of an attempt of a run: the digest and size of its blob. */
export interface PlanRow {
  run: string
  attempt: number
  digest: string
  bytes: number
  created_at: number
}

/** The last claim of a run. The row outlives its lease, since the generation must never go back. */
export interface ClaimRow {
  run: string
  worker: string
  generation: number
  expires_at: number
}

/** The last lease of a name. The row outlives the lease, since the generation must never go back. */
export interface LeaseRow {
  name: string
  holder: string
  generation: number
  expires_at: number
}

export interface ChangeRow {
  id: string
  run: string
  repository: string
  branch: string
  target: string
  base: string
  commit: string
  title: string
  body: string
  state: ChangeState
  files: number
  insertions: number
  deletions: number
  diff: string
  pack: string | null
  protected_paths: string
  findings: string
  checks: string
  requester: string
  /** The id in `requester`, to find and to compare. */
  requester_id: string
  /** Number of decisions on the change. */
  decided: number
  merge_commit: string | null
  publish_as: string
  published: number
  created_at: number
}

export interface DecisionRow {
  change: string
  /** From 1. */
  seq: number
  actor: string
  decision: Decision['decision']
  commit: string
  reason: string | null
  policies: string
  time: number
}

/** A run for a change. A run belongs to one change at most. */
export interface AttemptRow {
  change: string
  /** From 1. */
  number: number
  run: string
  requester: string
  start: string | null
  review: string | null
  commit: string | null
  created_at: number
}

export interface AskRow {
  id: string
  run: string
  step: number
  agent: string
  call: string
  title: string
  tool: string
  command: string | null
  paths: string
  options: string
  status: AskStatus
  opened_at: number
  deadline: number
  decided_at: number | null
  decided_by: string | null
  note: string | null
}

/** `leaf` is authoritative; the other columns exist only for queries. */
export interface EventRow {
  /** Id of the run, or INSTANCE: a key column cannot be null. */
  run: string
  seq: number
  id: string
  kind: EventKind
  source: EventSource
  time: number
  leaf: string
}

/** The last number of a run's events, and the last position of the log. */
export interface SequenceRow {
  name: string
  last: number
}

/** A range of events that wait for their positions: `count` events of a run, from `seq` on. */
export interface UnplacedRow {
  /** Greater than the ticket of every row that was committed before this row was written. */
  ticket: number
  run: string
  seq: number
  count: number
}

/**
 * Consecutive events of a run in the log: `count` events from `seq` on; `position` belongs to the first of them.
 * Positions count from 1 without a gap. A position is the index of the leaf in the ledger plus one.
 */
export interface LogRow {
  position: number
  run: string
  seq: number
  count: number
}

/** Counts per trace, updated with every event so that queries are cheap. */
export interface TraceRow {
  run: string
  events: number
  processes: number
  files_read: number
  files_written: number
  requests: number
  denied: number
}

/** The distinct paths of a trace, as digests: a path may be longer than a database allows for a key. */
export interface TraceFileRow {
  run: string
  access: 'read' | 'written'
  path_digest: string
}

/** A secret, encrypted with a master key. `sealed` and `nonce` are base64. */
export interface CredentialRow {
  name: string
  sealed: string
  nonce: string
  key_id: string
  created_at: number
  updated_at: number
}

/** A connection that was set through the API; `definition` is its JSON. */
export interface ConnectionRow {
  name: string
  definition: string
  created_at: number
  updated_at: number
}

/** One model call: its reservation while it is under way, its usage afterwards. Updated with its events. */
export interface ModelUsageRow {
  call: string
  run: string
  /** When the call began, in milliseconds since the epoch. */
  time: number
  tokens: number
  /** Millionths of the currency. */
  cost_micros: number
  currency: string
}

/** The `run` column of events that belong to no run. */
export const INSTANCE = ''
