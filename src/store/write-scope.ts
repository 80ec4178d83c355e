import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'

/**
 * The way to the one writing connection. Transactions wait for each other, so code that runs inside of one and asks for
 * a second would wait for itself; it is refused instead.
 */
export class WriteScope {
  readonly #database: Pick<Database, 'writer'>
  readonly #inside = new AsyncLocalStorage<{ open: boolean }>()
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(database: Pick<Database, 'writer'>) {
    this.#database = database
  }

  get closed(): boolean {
    return this.#closed
  }

  get inside(): boolean {
    return this.#inside.getStore()?.open === true
  }

  async run<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    if (this.inside)
      throw new StoreError('inside-transaction', 'inside transact() use its tx: another would wait for the first')
    if (this.#closed) throw new StoreError('closed', 'the store is closed')
    const running = this.#begin(work)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #begin<T>(work: (trx: Transaction<Schema>) => Promise<T>): Promise<T> {
    // SQLite answers without waiting for anything, so a loop over transactions would keep timers, sockets and the other
    // writers from ever having their turn.
    await setImmediate()
    return await this.#database.writer.transaction().execute((trx) => {
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

  /** Lets what is under way end and refuses what comes after. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
  }
}
