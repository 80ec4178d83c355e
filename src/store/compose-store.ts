import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import { awaitAsk } from './await-ask.ts'
import type { Database } from './database.ts'
import { commitCalls } from './events/commit-calls.ts'
import { followEvents, followLog } from './events/follow-events.ts'
import { GroupCommit } from './events/group-commit.ts'
import { listEvents } from './events/list-events.ts'
import { anyUnplaced, listLog, logHead, placeAll, placeBatch, positionOf } from './events/log.ts'
import { prepareEvent } from './events/prepare-event.ts'
import { RecordError, refuse } from './events/record-error.ts'
import { ALONE, Sequencer } from './events/sequencer.ts'
import { LOG, WakeUps } from './events/wake-ups.ts'
import { PROJECTIONS } from './projections/all.ts'
import { sumUsage } from './projections/model-usage.ts'
import { rebuild } from './projections/rebuild.ts'
import { traceSummary } from './projections/traces.ts'
import { INSTANCE } from './schema.ts'
import { StoreError } from './store-error.ts'
import { readTables } from './tables.ts'
import type { ClaimKey } from './tables/claims.ts'
import { withTransaction } from './transact.ts'
import type { RemovingBlobStore, Store, Transaction, WritingStore } from './types.ts'
import { WriteScope } from './write-scope.ts'

/** The store over a database whose schema is current. Disposing of the store closes the database. */
export function composeStore(database: Database, blobs: RemovingBlobStore, ids: IdSource): Store {
  const { reader } = database
  const scope = new WriteScope(database)
  const wakeUps = new WakeUps()

  const sequencer = new Sequencer({
    waits: () => anyUnplaced(reader),
    place: () => scope.run(placeBatch, 'read committed'),
    placed: () => wakeUps.wake([LOG]),
    leadership: ALONE,
  })
  // Places the events that a crash left without a position.
  sequencer.wake(0)

  function grown(runs: Iterable<string>): void {
    wakeUps.wake(runs)
    sequencer.wake()
  }

  const groups = new GroupCommit(async (take) => {
    const outcomes = await scope.run((trx) => commitCalls(trx, take()), 'read committed')
    grown(take().flatMap((call) => call.events.map(({ event }) => event.run ?? INSTANCE)))
    return outcomes
  })

  async function record(given: readonly NewEvent[], claim: ClaimKey | null) {
    if (scope.inside)
      throw new RecordError('inside-transaction', 'inside transact() use tx.record(): store.record() would deadlock')
    if (scope.closed) throw new RecordError('closed', 'the store is closed')
    const events = given.map((event) => prepareEvent(event, ids))
    return events.length === 0 ? [] : await groups.add({ events, claim }).catch(refuse)
  }

  async function transact<T>(work: (tx: Transaction) => Promise<T>, claim: ClaimKey | null): Promise<T> {
    const { result, runs } = await scope.run((trx) => withTransaction(trx, ids, claim, work))
    if (runs.size > 0) grown(runs)
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
    log: {
      list: (query) => reading(() => listLog(reader, query)),
      follow: (query, signal) => followLog(reader, wakeUps, query, signal),
      head: () => reading(() => logHead(reader)),
      position: (run, seq) => reading(() => positionOf(reader, run ?? INSTANCE, seq)),
      settle: () => reading(() => sequencer.settle()),
    },
    awaitAsk: (id, signal) => reading(() => awaitAsk(reader, wakeUps, id, signal)),
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
    await sequencer.close()
    // Events that can't be placed now are placed when the database is opened next.
    await scope.close(placeAll).catch(() => {})
    wakeUps.close()
    await database[Symbol.asyncDispose]()
  }

  return {
    ...writing(null),
    blobs,
    underClaim: writing,
    rebuild: () => scope.run((trx) => rebuild(trx, PROJECTIONS)),
    async [Symbol.asyncDispose]() {
      if (scope.inside)
        throw new StoreError('inside-transaction', 'closing the store inside transact() would wait for itself')
      await (closing ??= close())
    },
  }
}
