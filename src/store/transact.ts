import type { Kysely } from 'kysely'
import type { NewEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import { appendEvents } from './events/append-events.ts'
import { prepareEvent } from './events/prepare-event.ts'
import { refuse } from './events/record-error.ts'
import { INSTANCE } from './schema.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'
import { writableTables } from './tables.ts'
import { fenced, holdClaims } from './tables/claims.ts'
import type { ClaimKey } from './tables/claims.ts'
import type { Transaction } from './types.ts'

/**
 * Runs `work` with a Transaction over `db`; resolves with its result and the runs that got new events. If one operation
 * fails, the whole transaction is rolled back, even if `work` caught the error: no mutation is committed without its
 * event (invariant 10). StoreError `fenced` if `claim` is not the current one. Operations that `work` did not await are
 * awaited here; operations after that are refused.
 */
export async function withTransaction<T>(
  db: Kysely<Schema>,
  ids: IdSource,
  claim: ClaimKey | null,
  work: (tx: Transaction) => Promise<T>,
): Promise<{ result: T; runs: ReadonlySet<string> }> {
  const runs = new Set<string>()
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
    for (const { event } of prepared) runs.add(event.run ?? INSTANCE)
    return prepared.length === 0 ? [] : await appendEvents(db, prepared).catch(refuse)
  }

  if (claim !== null && !(await holdClaims(db, [claim]))[0]) throw fenced(claim)
  try {
    const result = await work({ ...writableTables(db, operate), record: (events) => operate(() => record(events)) })
    while (operations.size > 0) await Promise.allSettled(operations)
    throwIfFailed(failure)
    return { result, runs }
  } finally {
    open = false
    await Promise.allSettled(operations)
  }
}

function throwIfFailed(failure: { error: unknown } | null): void {
  if (failure) throw failure.error
}
