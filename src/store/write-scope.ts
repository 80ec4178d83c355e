import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'

type WritableDatabase = Pick<Database, 'writer' | 'lostRace'>

type Isolation = 'serializable' | 'read committed'

/** Most tries of a transaction that loses against others. */
const MAX_TRIES = 10
/** Longest pause before the second try, in ms; it grows with the number of tries. */
const MAX_PAUSE_MS = 10

/**
 * Access to the only writing connection. Transactions wait for each other, so starting a second one from inside the
 * first would deadlock; it is refused instead.
 */
export class WriteScope {
  readonly #database: WritableDatabase
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(database: WritableDatabase) {
    this.#database = database
  }

  get closed(): boolean {
    return this.#closed
  }

  get inside(): boolean {
    return this.#inside.getStore()?.open === true
  }

  /**
   * Use `serializable` for work that decides on rows it has read. Use `read committed` for work whose every statement
   * is right whatever else is committed meanwhile: it never needs a retry. With SQLite's one writer both are the same.
   */
  async run<T>(work: (trx: Transaction<Schema>) => Promise<T>, isolation: Isolation = 'serializable'): Promise<T> {
    if (this.inside)
      throw new StoreError('inside-transaction', 'inside transact() use its tx: a second transaction would deadlock')
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
    const running = this.#begin(work, isolation)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** With several writing processes, a transaction may lose against another one; it is then retried. */
  async #begin<T>(work: (trx: Transaction<Schema>) => Promise<T>, isolation: Isolation): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#once(work, isolation)
      } catch (error) {
        if (tries === MAX_TRIES || !this.#lostRace(error)) throw error
        await setTimeout(Math.random() * MAX_PAUSE_MS * tries)
      }
    }
  }

  async #once<T>(work: (trx: Transaction<Schema>) => Promise<T>, isolation: Isolation): Promise<T> {
    // SQLite answers synchronously, so a loop over transactions would starve timers, sockets and other writers.
    await setImmediate()
    const transaction = this.#database.writer.transaction().setIsolationLevel(isolation)
    return await transaction.execute((trx) => {
      const mark = { open: true }
      return this.#inside.run(mark, async () => {
        try {
          return await work(trx)
        } finally {
          mark.open = false
        }
      })
    })
  }

  /** The database's own error may be wrapped as the `cause` of ours. */
  #lostRace(error: unknown): boolean {
    if (this.#database.lostRace(error)) return true
    return error instanceof Error && error.cause !== undefined && this.#lostRace(error.cause)
  }

  /** Refuses new transactions, waits for those under way, and then runs one last transaction. */
  async close(last: (trx: Transaction<Schema>) => Promise<void>): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#begin(last, 'read committed')
  }
}
