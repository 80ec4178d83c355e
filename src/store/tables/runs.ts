import type { Kysely } from 'kysely'
import type { RunStatus, RunTrigger } from '../../domain/events/fields.ts'
import { Run } from '../../domain/run.ts'
import { columnsIn } from '../rows/conditions.ts'
import { idStartsWith } from '../rows/id-range.ts'
import { pageOf, pageRequest } from '../rows/page.ts'
import type { Page, PageQuery } from '../rows/page.ts'
import { recordColumns } from '../rows/record-columns.ts'
import { inScope } from '../rows/scope.ts'
import type { Within } from '../rows/scope.ts'
import type { RunRow, Schema } from '../schema.ts'
import { notAsExpected, StoreError } from '../store-error.ts'

export interface RunQuery extends PageQuery {
  status?: readonly RunStatus[]
  repository?: readonly string[]
  /** Ids of actors. */
  requester?: readonly string[]
  task?: readonly string[]
  trigger?: readonly RunTrigger[]
  within?: Within
}

export interface RunReads {
  get(id: string): Promise<Run | null>
  /** Runs whose id starts so, newest first; at most `limit`. */
  find(prefix: string, limit: number): Promise<readonly Run[]>
  /** The run that this requester asked for with this key. */
  byIdempotencyKey(requester: string, key: string): Promise<Run | null>
  /** Newest first. */
  list(query?: RunQuery): Promise<Page<Run>>
}

/** What the queue knows of a run besides. */
export interface Queueing {
  /** Of one requester, no two runs have the same. */
  idempotencyKey?: string | null
  /** No worker starts it earlier. Milliseconds since the epoch; 0: at once. */
  notBefore?: number
}

/** What a run must be like, so that it is changed. */
export interface RunExpectation {
  status?: readonly RunStatus[]
  attempt?: readonly number[]
}

export interface RunWrites {
  /** StoreError `conflict` when there is a run of this id, or one that this requester asked for with this key. */
  insert(run: Run, queueing?: Queueing): Promise<void>
  /**
   * Writes the given fields alone, and gives the run as it is now. StoreError `not-found` when there is no such run,
   * `conflict` when it is not as expected. Without fields it is a check that keeps the run so until the transaction ends.
   */
  update(id: string, fields: Partial<Omit<Run, 'id' | 'requester'>>, only?: { expect: RunExpectation }): Promise<Run>
}

export const runs = { reads, writes }

const COLUMNS = recordColumns<Run, RunRow>(Run, { what: 'run', json: ['inputs', 'requester', 'reason', 'cancelledBy'] })

export const runRecord = (row: object): Run => COLUMNS.record(row)

function reads(db: Kysely<Schema>): RunReads {
  const all = db.selectFrom('runs').selectAll()
  return {
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst()
      return row ? runRecord(row) : null
    },
    async find(prefix, limit) {
      const startsSo = idStartsWith(prefix)
      if (startsSo === null) return []
      return (await all.where(startsSo).orderBy('id', 'desc').limit(limit).execute()).map(runRecord)
    },
    async byIdempotencyKey(requester, key) {
      const row = await all.where('requester_id', '=', requester).where('idempotency_key', '=', key).executeTakeFirst()
      return row ? runRecord(row) : null
    },
    async list(query = {}) {
      const { status, repository, requester, task, trigger, within } = query
      const page = pageRequest(query)
      const rows = await all
        .where(columnsIn({ status, repository, requester_id: requester, task, trigger }))
        .where(inScope(within))
        .where(page.after('created_at'))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(rows, page, (row) => row.created_at, runRecord)
    },
  }
}

function writes(db: Kysely<Schema>): RunWrites {
  return {
    async insert(run, { idempotencyKey = null, notBefore = 0 } = {}) {
      const row = COLUMNS.row(run)
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('runs')
        .values({
          ...row,
          requester_id: run.requester.id,
          idempotency_key: idempotencyKey,
          not_before: notBefore,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) {
        const key = idempotencyKey === null ? '' : `, or one of ${run.requester.id} with this idempotency key`
        throw new StoreError('conflict', `there is a run ${run.id} already${key}`)
      }
    },
    async update(id, fields, { expect = {} } = { expect: {} }) {
      const row = await db
        .updateTable('runs')
        .set({ id, ...COLUMNS.some(id, fields) })
        .where('id', '=', id)
        .where(columnsIn({ ...expect }))
        .returningAll()
        .executeTakeFirst()
      if (!row) throw notAsExpected('run', id, await reads(db).get(id), { ...expect })
      return runRecord(row)
    },
  }
}
