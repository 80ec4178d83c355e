import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'

type WritableDatabase = Pick<Database, 'writer' | 'lostRace'>

type Isolation = 'serializable' | 'read committed'

/** How often a transaction is begun that loses against others. */
const MAX_TRIES = 10
/** Between two tries, in ms at most, times the tries so far. */
const MAX_PAUSE_MS = 10

/**
 * The way to the one writing connection. Transactions wait for each other, so code that runs inside of one and asks for
 * a second would wait for itself; it is refused instead.
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
   * `serializable` for work that decides on what it has read. `read committed` for work whose every statement is right
   * whatever else is committed meanwhile: it need never be run again. To SQLite, which has one writer, both are the same.
   */
  async run<T>(work: (trx: Transaction<Schema>) => Promise<T>, isolation: Isolation = 'serializable'): Promise<T> {
    if (this.inside)
      throw new StoreError('inside-transaction', 'inside transact() use its tx: another would wait for the first')
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
    const running = this.#begin(work, isolation)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Where several processes write, a transaction may lose against another one, and is then run again. */
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
    // SQLite answers without waiting for anything, so a loop over transactions would keep timers, sockets and the other
    // writers from ever having their turn.
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

  /** The database's own error may be the cause of one that says what was asked. */
  #lostRace(error: unknown): boolean {
    if (this.#database.lostRace(error)) return true
    return error instanceof Error && error.cause !== undefined && this.#lostRace(error.cause)
  }

  /** Refuses what comes after, lets what is under way end, and then runs one transaction more. */
  async close(last: (trx: Transaction<Schema>) => Promise<void>): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#begin(last, 'read committed')
  }
}
