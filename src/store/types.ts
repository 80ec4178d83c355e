// The interfaces of the store, the only room with SQL. The tables are in tables.ts; the types of each are in its file.
import type { Ask } from '../domain/ask.ts'
import type { Event, EventKind, LogEntry, NewEvent } from '../domain/event.ts'
import type { Digest } from '../domain/events/fields.ts'
import type { TraceSummary } from '../domain/run.ts'
import type { ReadTables, WritableTables } from './tables.ts'
import type { ClaimKey } from './tables/claims.ts'

export { StoreError } from './store-error.ts'
export type { LogEntry } from '../domain/event.ts'
export type { Page } from './rows/page.ts'
export type { ChangeFields } from './tables/changes.ts'
export type { Claim, ClaimKey } from './tables/claims.ts'
export type { LeaseKey } from './tables/leases.ts'
export type { SealedCredential } from './tables/credentials.ts'

/** Content-addressed bytes. A folder is one kind of blob store; an object store could be another. */
export interface BlobStore {
  /** The blob is durable when the call resolves. Storing the same bytes twice keeps one copy. */
  put(bytes: Uint8Array): Promise<{ digest: Digest; bytes: number }>
  /** For blobs that may not fit in memory. After finish() the blob is durable and can be opened by its digest. */
  writer(): Promise<BlobWriter>
  /** null if the blob does not exist. */
  open(digest: Digest): Promise<StoredBlob | null>
  /**
   * The whole blob in memory; null if it does not exist. StoreError `blob-altered` if its bytes don't match its digest.
   */
  read(digest: Digest): Promise<Uint8Array | null>
}

/** Removal of blobs, for retention. `writtenBefore`: a blob that was stored at this time or later stays (ms since the epoch). */
export interface RemovingBlobStore extends BlobStore {
  /** Size in bytes of a blob that remove() would remove; null if it would not. */
  removable(digest: Digest, writtenBefore: number): Promise<number | null>
  /** Whether the blob was removed. */
  remove(digest: Digest, writtenBefore: number): Promise<boolean>
}

export interface StoredBlob {
  /** Size in bytes. */
  bytes: number
  /**
   * The bytes from the start, in chunks of some 100 KiB, checked while they are read: a blob that doesn't match its
   * digest ends with StoreError `blob-altered` before its last chunk.
   */
  stream(): AsyncIterable<Uint8Array>
}

export interface BlobWriter {
  /** The caller may reuse `bytes` once the call resolves. */
  write(bytes: Uint8Array): Promise<void>
  /** Some of the bytes written so far, from `offset` on; empty if there are none, and after finish() and abort(). */
  read(offset: number): Promise<Uint8Array>
  finish(): Promise<{ digest: Digest; bytes: number }>
  /** Discards the written bytes. Does nothing after finish(). */
  abort(): Promise<void>
}

/**
 * The only way to record events. Resolves once the events are durable, in the given order, with their sequence numbers
 * per run. Concurrent calls share a commit. Rejects if nothing was written; the caller must then refuse (invariant 3).
 */
export interface Recorder {
  record(events: readonly NewEvent[]): Promise<readonly Event[]>
}

/** The methods inside transact(). All their writes are committed, or none (invariant 10). */
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
  /**
   * Backfill from the store, then live, without gap or repetition, until the signal aborts or run.finished was given.
   */
  follow(query: Omit<EventQuery, 'limit'>, signal: AbortSignal): AsyncIterable<Event>
  summary(run: string): Promise<TraceSummary>
}

export interface LogQuery {
  /** Only entries with a greater position. */
  after?: number
  kinds?: readonly EventKind[]
}

/**
 * The events of all runs and of the instance in one order. Events of one run keep their sequence order. If record() had
 * resolved for event A before it was called with event B, A comes before B. Positions are assigned some ms after
 * record() has resolved.
 */
export interface InstanceLog {
  list(query: LogQuery & { limit: number }): Promise<readonly LogEntry[]>
  /** Backfill from the store, then live, without gap or repetition, until the signal aborts. */
  follow(query: LogQuery, signal: AbortSignal): AsyncIterable<LogEntry>
  /** The last position; 0 if the log is empty. */
  head(): Promise<number>
  /** The position of an event; null if it has none yet or does not exist. */
  position(run: string | null, seq: number): Promise<number | null>
  /** Resolves once every event recorded before the call has its position. */
  settle(): Promise<void>
}

/** The model calls to add up. An omitted field does not filter. */
export interface UsageScope {
  run?: string
  /** Only calls that began at this time or later, in milliseconds since the epoch. */
  since?: number
}

export interface UsageSum {
  tokens: number
  costMicros: number
  /** Number of calls that used tokens; failed calls without usage don't count. */
  calls: number
}

export interface UsageTable {
  /** Sums over the calls in scope without those in `except`: tokens of all, cost of those paid in `currency`. */
  sum(scope: UsageScope, currency: string, except: readonly string[]): Promise<UsageSum>
}

/** Reads see committed rows only. Mutations need transact(), so that their events are in the same transaction. */
export interface WritingStore extends Recorder, ReadTables {
  readonly events: EventTable
  readonly log: InstanceLog
  readonly usage: UsageTable
  readonly blobs: BlobStore
  /**
   * Commits if `work` resolves and every operation of its tx succeeded. A failed operation rolls back everything, even
   * if `work` caught its error. Inside `work` use only `tx`: the store's own record() and mutations are refused there.
   * If the transaction loses against one of another process, `work` is run again, so it must have no side effects
   * outside `tx`.
   */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Resolves with the ask once any process has closed it; null if no such ask exists. Rejects when the signal aborts.
   */
  awaitAsk(id: string, signal: AbortSignal): Promise<Ask | null>
}

export interface Store extends WritingStore, AsyncDisposable {
  readonly blobs: RemovingBlobStore
  /**
   * The store for a worker that holds a claim: once another worker has the run, record() and transact() write nothing
   * and reject with StoreError `fenced`.
   */
  underClaim(claim: ClaimKey): WritingStore
  /** Rebuilds the projections (traces, model usage) from the events. Call it while nothing else records. */
  rebuild(): Promise<void>
}
