import type { Kysely } from 'kysely'
import type { RunStatus, RunTrigger } from '../../domain/events/fields.ts'
import { Run } from '../../domain/run.ts'
import { columnsIn } from '../rows/conditions.ts'
import { idHasEnd } from '../rows/id-range.ts'
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
  /** Runs whose id starts or ends with `part`, newest first; at most `limit`. */
  find(part: string, limit: number): Promise<readonly Run[]>
  /** The run that this requester requested with this key. */
  byIdempotencyKey(requester: string, key: string): Promise<Run | null>
  /** Newest first. */
  list(query?: RunQuery): Promise<Page<Run>>
}

/** Fields of a run that only the queue uses. */
export interface Queueing {
  /** Unique among the runs of one requester. */
  idempotencyKey?: string | null
  /** Earliest start, in milliseconds since the epoch; 0: at once. */
  notBefore?: number
}

/** The state that a run must have for an update to apply. */
export interface RunExpectation {
  status?: readonly RunStatus[]
  attempt?: readonly number[]
}

export interface RunWrites {
  /** StoreError `conflict` if a run with this id, or of this requester with this idempotency key, exists. */
  insert(run: Run, queueing?: Queueing): Promise<void>
  /**
   * Writes only the given fields and resolves with the updated run. StoreError `not-found` if the run does not exist,
   * `conflict` if its state is not the expected one. Without fields it only checks the expectation and locks the run
   * until the transaction ends.
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
    async find(part, limit) {
      const fits = idHasEnd(part)
      if (fits === null) return []
      return (await all.where(fits).orderBy('id', 'desc').limit(limit).execute()).map(runRecord)
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
        const key = idempotencyKey === null ? '' : `, or a run of ${run.requester.id} with this idempotency key,`
        throw new StoreError('conflict', `run ${run.id}${key} exists already`)
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
