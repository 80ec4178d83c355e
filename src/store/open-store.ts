import { join, resolve } from 'node:path'
import type { Kysely } from 'kysely'
import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import { appendEvents } from './append-events.ts'
import { openBlobStore } from './blob-store.ts'
import { changesTable } from './changes-table.ts'
import { asksTable } from './asks-table.ts'
import { connectionsTable } from './connections-table.ts'
import { credentialsTable } from './credentials-table.ts'
import { listEvents } from './events-table.ts'
import { followEvents } from './follow-events.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all.ts'
import { openReader, openWriter } from './open-database.ts'
import { prepareEvent } from './prepare-event.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { privateFolder } from './private-folder.ts'
import { sumUsage } from './model-usage-table.ts'
import { RecordError, refuse } from './record-error.ts'
import { runsTable } from './runs-table.ts'
import { INSTANCE } from './schema.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'
import { traceSummary } from './traces-table.ts'
import { withTransaction } from './transact.ts'
import type { Store, Transaction } from './types.ts'
import { WakeUps } from './wake-ups.ts'
import { WriteScope } from './write-scope.ts'

export const DATABASE_FILE = 'glovebox.db'

export interface StoreOptions {
  ids: IdSource
  /** Gives up opening. A store that is open ends with its disposal alone: the end of a run is still to be recorded. */
  signal?: AbortSignal
}

/** Opens, and makes if need be, the store in a data folder. The caller holds the folder's lock (folder-lock.ts). */
export async function openStore(folder: string, { ids, signal }: StoreOptions): Promise<Store> {
  signal?.throwIfAborted()
  await using opening = new AsyncDisposableStack()
  const root = resolve(folder)
  await privateFolder(root)
  const blobs = await openBlobStore(root)
  const writer = await openWriter(join(root, DATABASE_FILE))
  opening.defer(() => writer.destroy())
  await migrate(writer, MIGRATIONS, () => ids.now())
  const reader = openReader(join(root, DATABASE_FILE))
  opening.defer(() => reader.destroy())
  signal?.throwIfAborted()
  opening.move()
  return composeStore(writer, reader, ids, blobs)
}

function composeStore(writer: Kysely<Schema>, reader: Kysely<Schema>, ids: IdSource, blobs: Store['blobs']): Store {
  const scope = new WriteScope(writer)
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
    await reader.destroy()
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
