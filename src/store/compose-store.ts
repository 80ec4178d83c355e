import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { appendEvents } from './events/append-events.ts'
import { followEvents } from './events/follow-events.ts'
import { GroupCommit } from './events/group-commit.ts'
import { listEvents } from './events/list-events.ts'
import { prepareEvent } from './events/prepare-event.ts'
import type { PreparedEvent } from './events/prepare-event.ts'
import { RecordError, refuse } from './events/record-error.ts'
import { WakeUps } from './events/wake-ups.ts'
import { sumUsage } from './projections/model-usage.ts'
import { traceSummary } from './projections/traces.ts'
import { INSTANCE } from './schema.ts'
import { StoreError } from './store-error.ts'
import { asksTable } from './tables/asks.ts'
import { changesTable } from './tables/changes.ts'
import { connectionsTable } from './tables/connections.ts'
import { credentialsTable } from './tables/credentials.ts'
import { runsTable } from './tables/runs.ts'
import { withTransaction } from './transact.ts'
import type { BlobStore, Store, Transaction } from './types.ts'
import { WriteScope } from './write-scope.ts'

/** The store over a database whose schema is current. Disposing of the store closes the database. */
export function composeStore(database: Database, blobs: BlobStore, ids: IdSource): Store {
  const { reader } = database
  const scope = new WriteScope(database)
  const wakeUps = new WakeUps()
  const runs = runsTable(reader)
  const changes = changesTable(reader)
  const asks = asksTable(reader)
  const credentials = credentialsTable(reader)
  const connections = connectionsTable(reader)

  const groups = new GroupCommit(async (take) => {
    const taken: PreparedEvent[] = []
    const events = await scope.run((trx) => {
      taken.push(...take())
      return appendEvents(trx, taken)
    })
    wakeUps.wake(taken.map(({ event }) => event.run ?? INSTANCE))
    return events
  })

  async function record(given: readonly NewEvent[]) {
    if (scope.inside)
      throw new RecordError('inside-transaction', 'inside transact() use tx.record(): this one would wait for it')
    if (scope.closed) throw new RecordError('closed', 'the store is closed')
    const prepared = given.map((event) => prepareEvent(event, ids))
    return prepared.length === 0 ? [] : await groups.add(prepared).catch(refuse)
  }

  async function transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { result, grown } = await scope.run((trx) => withTransaction(trx, ids, work))
    wakeUps.wake(grown)
    return result
  }

  function reading<A extends unknown[], R>(read: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return async (...args) => {
      if (scope.closed) throw new StoreError('closed', 'the store is closed')
      return await read(...args)
    }
  }

  let closing: Promise<void> | null = null
  async function close() {
    await groups.idle()
    await scope.close()
    wakeUps.close()
    await database[Symbol.asyncDispose]()
  }

  return {
    record,
    transact,
    blobs,
    runs: {
      insert: (run) => transact((tx) => tx.runs.insert(run)),
      update: (id, fields) => transact((tx) => tx.runs.update(id, fields)),
      get: reading(runs.get),
      list: reading(runs.list),
    },
    changes: {
      insert: (change) => transact((tx) => tx.changes.insert(change)),
      update: (id, fields) => transact((tx) => tx.changes.update(id, fields)),
      get: reading(changes.get),
      byRun: reading(changes.byRun),
      list: reading(changes.list),
    },
    asks: {
      insert: (ask) => transact((tx) => tx.asks.insert(ask)),
      update: (id, fields) => transact((tx) => tx.asks.update(id, fields)),
      get: reading(asks.get),
      list: reading(asks.list),
    },
    credentials: { get: reading(credentials.get), list: reading(credentials.list) },
    connections: { get: reading(connections.get), list: reading(connections.list) },
    events: {
      list: reading((query) => listEvents(reader, query)),
      follow: (query, signal) => followEvents(reader, wakeUps, query, signal),
      summary: reading((run) => traceSummary(reader, run)),
    },
    usage: { sum: reading((scope, currency, except) => sumUsage(reader, scope, currency, except)) },
    async [Symbol.asyncDispose]() {
      if (scope.inside)
        throw new StoreError('inside-transaction', 'closing the store inside transact() would wait for itself')
      await (closing ??= close())
    },
  }
}
