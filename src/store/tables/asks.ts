import type { Kysely } from 'kysely'
import { Ask } from '../../domain/ask.ts'
import type { AskStatus } from '../../domain/ask.ts'
import { columnsIn } from '../rows/conditions.ts'
import { idHasEnd } from '../rows/id-range.ts'
import { pageOf, pageRequest } from '../rows/page.ts'
import type { Page, PageQuery } from '../rows/page.ts'
import { recordColumns } from '../rows/record-columns.ts'
import { runInScope } from '../rows/scope.ts'
import type { Within } from '../rows/scope.ts'
import type { AskRow, Schema } from '../schema.ts'
import { notAsExpected, StoreError } from '../store-error.ts'

export interface AskQuery extends PageQuery {
  status?: readonly AskStatus[]
  run?: string
  /** Only asks whose runs are in these scopes. */
  within?: Within
}

export interface AskReads {
  get(id: string): Promise<Ask | null>
  /** Asks whose id starts or ends with `part`, newest first; at most `limit`. */
  find(part: string, limit: number): Promise<readonly Ask[]>
  /** Newest first. */
  list(query?: AskQuery): Promise<Page<Ask>>
}

export interface AskWrites {
  /** StoreError `conflict` if an ask with this id exists. */
  insert(ask: Ask): Promise<void>
  /**
   * Writes only the given fields and resolves with the updated ask. StoreError `not-found` if the ask does not exist,
   * `conflict` if its state is not the expected one.
   */
  update(
    id: string,
    fields: Partial<Omit<Ask, 'id' | 'run'>>,
    only?: { expect: { status?: readonly AskStatus[] } },
  ): Promise<Ask>
}

export const asks = { reads, writes }

/** Text of the agent is stored as JSON, so that no character of it has a meaning for the database. */
const COLUMNS = recordColumns<Ask, AskRow>(Ask, {
  what: 'ask',
  json: ['call', 'title', 'command', 'paths', 'options', 'decidedBy', 'note'],
})

const fromRow = (row: object): Ask => COLUMNS.record(row)

function reads(db: Kysely<Schema>): AskReads {
  const all = db.selectFrom('asks').selectAll()
  return {
    async get(id) {
      const row = await all.where('id', '=', id).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async find(part, limit) {
      const fits = idHasEnd(part)
      if (fits === null) return []
      return (await all.where(fits).orderBy('id', 'desc').limit(limit).execute()).map(fromRow)
    },
    async list(query = {}) {
      const { status, run, within } = query
      const page = pageRequest(query)
      const rows = await all
        .where(columnsIn({ status, run: run === undefined ? undefined : [run] }))
        .where(runInScope(within, 'run'))
        .where(page.after('opened_at'))
        .orderBy('opened_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute()
      return pageOf(rows, page, (row) => row.opened_at, fromRow)
    },
  }
}

function writes(db: Kysely<Schema>): AskWrites {
  return {
    async insert(ask) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('asks')
        .values(COLUMNS.row(ask))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n) throw new StoreError('conflict', `there is an ask ${ask.id} already`)
    },
    async update(id, fields, { expect = {} } = { expect: {} }) {
      const row = await db
        .updateTable('asks')
        .set({ id, ...COLUMNS.some(id, fields) })
        .where('id', '=', id)
        .where(columnsIn({ ...expect }))
        .returningAll()
        .executeTakeFirst()
      if (!row) throw notAsExpected('ask', id, await reads(db).get(id), { ...expect })
      return fromRow(row)
    },
  }
}
