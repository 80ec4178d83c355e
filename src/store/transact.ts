import type { Kysely } from 'kysely'
import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import { appendEvents } from './events/append-events.ts'
import { asksTable } from './tables/asks.ts'
import { changesTable } from './tables/changes.ts'
import { connectionsTable } from './tables/connections.ts'
import { credentialsTable } from './tables/credentials.ts'
import { prepareEvent } from './events/prepare-event.ts'
import { refuse } from './events/record-error.ts'
import { runsTable } from './tables/runs.ts'
import { INSTANCE } from './schema.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'
import type { Transaction } from './types.ts'

/**
 * Runs work with a Transaction over `db`, and hands back the runs whose record grew. Once one of its operations failed
 * the whole is rolled back, also when work swallowed the error: no mutation is committed without its event
 * (invariant 10). Operations that work did not await are waited for; later ones are refused.
 */
export async function withTransaction<T>(
  db: Kysely<Schema>,
  ids: IdSource,
  work: (tx: Transaction) => Promise<T>,
): Promise<{ result: T; grown: ReadonlySet<string> }> {
  const grown = new Set<string>()
  const operations = new Set<Promise<unknown>>()
  let open = true
  let failure: { error: unknown } | null = null

  async function operate<R>(operation: () => Promise<R>): Promise<R> {
    if (!open) throw new StoreError('transaction-over', 'the transaction is over; nothing was written')
    const running = operation()
    operations.add(running)
    try {
      return await running
    } catch (error) {
      failure ??= { error }
      throw error
    } finally {
      operations.delete(running)
    }
  }

  async function record(events: readonly NewEvent[]) {
    const prepared = events.map((event) => prepareEvent(event, ids))
    for (const { event } of prepared) grown.add(event.run ?? INSTANCE)
    return prepared.length === 0 ? [] : await appendEvents(db, prepared).catch(refuse)
  }

  const runs = runsTable(db)
  const changes = changesTable(db)
  const asks = asksTable(db)
  const credentials = credentialsTable(db)
  const connections = connectionsTable(db)
  const tx: Transaction = {
    record: (events) => operate(() => record(events)),
    runs: {
      insert: (run) => operate(() => runs.insert(run)),
      update: (id, fields) => operate(() => runs.update(id, fields)),
      get: (id) => operate(() => runs.get(id)),
      list: (filter) => operate(() => runs.list(filter)),
    },
    changes: {
      insert: (change) => operate(() => changes.insert(change)),
      update: (id, fields) => operate(() => changes.update(id, fields)),
      get: (id) => operate(() => changes.get(id)),
      byRun: (run) => operate(() => changes.byRun(run)),
      list: (filter) => operate(() => changes.list(filter)),
    },
    asks: {
      insert: (ask) => operate(() => asks.insert(ask)),
      update: (id, fields) => operate(() => asks.update(id, fields)),
      get: (id) => operate(() => asks.get(id)),
      list: (filter) => operate(() => asks.list(filter)),
    },
    credentials: {
      get: (name) => operate(() => credentials.get(name)),
      put: (credential) => operate(() => credentials.put(credential)),
      remove: (name) => operate(() => credentials.remove(name)),
      list: () => operate(() => credentials.list()),
    },
    connections: {
      get: (name) => operate(() => connections.get(name)),
      put: (connection, time) => operate(() => connections.put(connection, time)),
      remove: (name) => operate(() => connections.remove(name)),
      list: () => operate(() => connections.list()),
    },
  }

  try {
    const result = await work(tx)
    while (operations.size > 0) await Promise.allSettled(operations)
    throwIfFailed(failure)
    return { result, grown }
  } finally {
    open = false
    await Promise.allSettled(operations)
  }
}

function throwIfFailed(failure: { error: unknown } | null): void {
  if (failure) throw failure.error
}
