// The seam of the only room with SQL. One writer process per data folder.
import type { Ask, AskStatus } from '../domain/ask.ts'
import type { Change } from '../domain/change.ts'
import type { Connection } from '../domain/connection.ts'
import type { Event, EventKind, NewEvent } from '../domain/event.ts'
import type { Digest, RunStatus } from '../domain/events/fields.ts'
import type { Run, TraceSummary } from '../domain/run.ts'

export interface BlobStore {
  /** Durable (temp, fsync, rename, fsync of the folder) when it resolves. Storing the same bytes twice keeps one. */
  put(bytes: Uint8Array): Promise<{ digest: Digest; bytes: number }>
  /** For what does not fit in memory: written as it comes, durable and named after finish(). */
  writer(): Promise<BlobWriter>
  /** null when there is no such blob; rejects when its bytes do not match its digest. */
  read(digest: Digest): Promise<Uint8Array | null>
  /** Path of a blob's file on the host, for streaming; null when there is none. */
  path(digest: Digest): Promise<string | null>
}

export interface BlobWriter {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<{ digest: Digest; bytes: number }>
  /** Throws away what was written. Does nothing after finish(). */
  abort(): Promise<void>
}

/**
 * The one sink of the record. Resolves once the events are durable, in the order given, with their per-run sequence.
 * Concurrent calls are committed together. Rejects when nothing was written (invariant 3: the caller then refuses).
 */
export interface Recorder {
  record(events: readonly NewEvent[]): Promise<readonly Event[]>
}

export interface RunTable {
  insert(run: Run): Promise<void>
  /** Rejects when there is no such run. */
  update(id: string, fields: Partial<Omit<Run, 'id'>>): Promise<void>
  get(id: string): Promise<Run | null>
  /** Newest first. */
  list(filter?: { status?: readonly RunStatus[]; limit?: number }): Promise<readonly Run[]>
}

export interface ChangeTable {
  insert(change: Change): Promise<void>
  update(id: string, fields: Partial<Omit<Change, 'id'>>): Promise<void>
  get(id: string): Promise<Change | null>
  byRun(run: string): Promise<Change | null>
  list(filter?: { limit?: number }): Promise<readonly Change[]>
}

export interface AskTable {
  insert(ask: Ask): Promise<void>
  update(id: string, fields: Partial<Omit<Ask, 'id'>>): Promise<void>
  get(id: string): Promise<Ask | null>
  /** Newest first. */
  list(filter?: {
    status?: readonly AskStatus[]
    run?: string
    prefix?: string
    limit?: number
  }): Promise<readonly Ask[]>
}

/** A secret as the store has it: never in plain. */
export interface SealedCredential {
  name: string
  /** Ciphertext and tag, in base64. */
  sealed: string
  nonce: string
  /** Which master key seals it. */
  key: string
  createdAt: number
  updatedAt: number
}

export interface CredentialTable {
  get(name: string): Promise<SealedCredential | null>
  /** Replaces one of the same name, which keeps its createdAt. Resolves with what is there now. */
  put(credential: SealedCredential): Promise<SealedCredential>
  /** false when there was none. */
  remove(name: string): Promise<boolean>
  /** By name. */
  list(): Promise<readonly SealedCredential[]>
}

/** Model connections that were set through the API. */
export interface ConnectionTable {
  get(name: string): Promise<Connection | null>
  /** Replaces one of the same name. */
  put(connection: Connection, time: number): Promise<void>
  /** false when there was none. */
  remove(name: string): Promise<boolean>
  /** By name. */
  list(): Promise<readonly Connection[]>
}

/** What a mutation sees: all of it is committed, or none (invariant 10). */
export interface Transaction extends Recorder {
  readonly runs: RunTable
  readonly changes: ChangeTable
  readonly asks: AskTable
  readonly credentials: CredentialTable
  readonly connections: ConnectionTable
}

export interface EventQuery {
  run: string | null
  /** Only events with a greater seq. */
  after?: number
  kinds?: readonly EventKind[]
  limit?: number
}

export interface EventTable {
  list(query: EventQuery): Promise<readonly Event[]>
  /** Backfill from the store, then live, without gap or repetition, until the signal aborts or run.finished was given. */
  follow(query: Omit<EventQuery, 'limit'>, signal: AbortSignal): AsyncIterable<Event>
  summary(run: string): Promise<TraceSummary>
}

/** Which calls of models to add up. What is left out does not narrow. */
export interface UsageScope {
  run?: string
  /** Name of the task that runs belong to. */
  task?: string
  /** Only calls that began at this time or later, in milliseconds since the epoch. */
  since?: number
}

export interface UsageSum {
  tokens: number
  costMicros: number
  /** Without those that took nothing, as calls that failed. */
  calls: number
}

export interface UsageTable {
  /** Tokens of all calls in scope but `except`, and what those of them cost that were paid in `currency`. */
  sum(scope: UsageScope, currency: string, except: readonly string[]): Promise<UsageSum>
}

export interface Store extends Recorder, AsyncDisposable {
  readonly runs: RunTable
  readonly changes: ChangeTable
  readonly asks: AskTable
  readonly credentials: Pick<CredentialTable, 'get' | 'list'>
  readonly connections: Pick<ConnectionTable, 'get' | 'list'>
  readonly events: EventTable
  readonly usage: UsageTable
  readonly blobs: BlobStore
  /**
   * Commits when work resolves and every operation of its tx succeeded; one that failed rolls back all, also when work
   * caught its error. Inside work use tx alone: the store's own record() and mutations are refused there.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
}
