// The seam of the only room with SQL. The tables are in tables.ts, each with its types in a file of its own.
import type { Ask } from '../domain/ask.ts'
import type { Event, EventKind, LogEntry, NewEvent } from '../domain/event.ts'
import type { Digest } from '../domain/events/fields.ts'
import type { TraceSummary } from '../domain/run.ts'
import type { ReadTables, WritableTables } from './tables.ts'
import type { ClaimKey } from './tables/claims.ts'

export { StoreError } from './store-error.ts'
export type { LogEntry } from '../domain/event.ts'
export type { Page } from './rows/page.ts'
export type { Claim, ClaimKey } from './tables/claims.ts'
export type { SealedCredential } from './tables/credentials.ts'

/** Bytes by their digest. A folder is one kind; an object store could be another. */
export interface BlobStore {
  /** Durable when it resolves. Storing the same bytes twice keeps one. */
  put(bytes: Uint8Array): Promise<{ digest: Digest; bytes: number }>
  /** For what may not fit in memory: written as it comes, durable and found by its digest after finish(). */
  writer(): Promise<BlobWriter>
  /** null when there is no such blob. */
  open(digest: Digest): Promise<StoredBlob | null>
  /** A blob in memory; null when there is none. StoreError `blob-altered` when its bytes don't match its digest. */
  read(digest: Digest): Promise<Uint8Array | null>
}

export interface StoredBlob {
  /** Size. */
  bytes: number
  /**
   * The bytes from the first on, in chunks of some 100 KiB. They are checked meanwhile: a blob that doesn't match its
   * digest ends with StoreError `blob-altered` before its last chunk.
   */
  stream(): AsyncIterable<Uint8Array>
}

export interface BlobWriter {
  /** The bytes are the caller's again once it resolves. */
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

/** What a mutation sees: all of it is committed, or none (invariant 10). */
export interface Transaction extends Recorder, WritableTables {}

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

export interface LogQuery {
  /** Only entries with a greater position. */
  after?: number
  kinds?: readonly EventKind[]
}

/**
 * The events of all runs and of the instance in one order. Within a run it is that of its sequence; an event that was
 * recorded before another one was given to record() comes before it. Positions come some ms after record() has resolved.
 */
export interface InstanceLog {
  list(query: LogQuery & { limit: number }): Promise<readonly LogEntry[]>
  /** Backfill from the store, then live, without gap or repetition, until the signal aborts. */
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogEntry>
  /** The last position, 0 before the first. */
  head(): Promise<number>
  /** null: the event has none yet, or there is no such event. */
  position(run: string | null, seq: number): Promise<number | null>
  /** Resolves once all that was recorded before the call has its position. */
  settle(): Promise<void>
}

/** Which calls of models to add up. What is left out does not narrow. */
export interface UsageScope {
  run?: string
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

/** Reads what is committed. Mutations need a transaction, so that their events are in it. */
export interface WritingStore extends Recorder, ReadTables {
  readonly events: EventTable
  readonly log: InstanceLog
  readonly usage: UsageTable
  readonly blobs: BlobStore
  /**
   * Commits when work resolves and every operation of its tx succeeded; one that failed rolls back all, also when work
   * caught its error. Inside work use tx alone: the store's own record() and mutations are refused there. A transaction
   * that loses against one of another process is run again, and work with it: outside of tx it must do nothing that counts.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * The ask once it is not open any more, whichever process closed it; null: there is none. Rejects when the signal aborts.
   */
  awaitAsk(id: string, signal: AbortSignal): Promise<Ask | null>
}

export interface Store extends WritingStore, AsyncDisposable {
  /**
   * The store as the worker that has a claim uses it: record() and transact() write nothing and reject with StoreError
   * `fenced` once another worker has the run.
   */
  underClaim(claim: ClaimKey): WritingStore
  /** Makes what is kept beside the events, as sums of traces, anew from the events. While nobody else records. */
  rebuild(): Promise<void>
}
