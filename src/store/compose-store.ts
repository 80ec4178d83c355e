import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { commitCalls } from './events/commit-calls.ts'
import { followEvents } from './events/follow-events.ts'
import { GroupCommit } from './events/group-commit.ts'
import { listEvents } from './events/list-events.ts'
import { prepareEvent } from './events/prepare-event.ts'
import { RecordError, refuse } from './events/record-error.ts'
import { WakeUps } from './events/wake-ups.ts'
import { sumUsage } from './projections/model-usage.ts'
import { traceSummary } from './projections/traces.ts'
import { INSTANCE } from './schema.ts'
import { StoreError } from './store-error.ts'
import { readTables } from './tables.ts'
import type { ClaimKey } from './tables/claims.ts'
import { withTransaction } from './transact.ts'
import type { BlobStore, Store, Transaction, WritingStore } from './types.ts'
import { WriteScope } from './write-scope.ts'

/** The store over a database whose schema is current. Disposing of the store closes the database. */
export function composeStore(database: Database, blobs: BlobStore, ids: IdSource): Store {
  const { reader } = database
  const scope = new WriteScope(database)
  const wakeUps = new WakeUps()

  const groups = new GroupCommit(async (take) => {
    const outcomes = await scope.run((trx) => commitCalls(trx, take()))
    wakeUps.wake(take().flatMap((call) => call.events.map(({ event }) => event.run ?? INSTANCE)))
    return outcomes
  })

  async function record(given: readonly NewEvent[], claim: ClaimKey | null) {
    if (scope.inside)
      throw new RecordError('inside-transaction', 'inside transact() use tx.record(): this one would wait for it')
    if (scope.closed) throw new RecordError('closed', 'the store is closed')
    const events = given.map((event) => prepareEvent(event, ids))
    return events.length === 0 ? [] : await groups.add({ events, claim }).catch(refuse)
  }

  async function transact<T>(work: (tx: Transaction) => Promise<T>, claim: ClaimKey | null): Promise<T> {
    const { result, grown } = await scope.run((trx) => withTransaction(trx, ids, claim, work))
    wakeUps.wake(grown)
    return result
  }

  async function reading<T>(read: () => Promise<T>): Promise<T> {
    if (scope.closed) throw new StoreError('closed', 'the store is closed')
    return await read()
  }

  const reads = {
    blobs,
    ...readTables(reader, reading),
    events: {
      list: (query) => reading(() => listEvents(reader, query)),
      follow: (query, signal) => followEvents(reader, wakeUps, query, signal),
      summary: (run) => reading(() => traceSummary(reader, run)),
    },
    usage: { sum: (scope, currency, except) => reading(() => sumUsage(reader, scope, currency, except)) },
  } satisfies Partial<Store>

  const writing = (claim: ClaimKey | null): WritingStore => ({
    ...reads,
    record: (events) => record(events, claim),
    transact: (work) => transact(work, claim),
  })

  let closing: Promise<void> | null = null
  async function close() {
    await groups.idle()
    await scope.close()
    wakeUps.close()
    await database[Symbol.asyncDispose]()
  }

  return {
    ...writing(null),
    underClaim: writing,
    async [Symbol.asyncDispose]() {
      if (scope.inside)
        throw new StoreError('inside-transaction', 'closing the store inside transact() would wait for itself')
      await (closing ??= close())
    },
  }
}
