import { sql } from 'kysely'
import type { Kysely, RawBuilder, SqlBool } from 'kysely'
import { Change, changeState, ChangeState, changeStatus } from '../../domain/change.ts'
import type { Attempt, ChangeStatus, Decision } from '../../domain/change.ts'
import { ALWAYS, anyOf, columnsIn } from '../rows/conditions.ts'
import { idHasEnd } from '../rows/id-range.ts'
import { pageOf, pageRequest } from '../rows/page.ts'
import type { Page, PageQuery } from '../rows/page.ts'
import { recordColumns } from '../rows/record-columns.ts'
import { inScope } from '../rows/scope.ts'
import type { Within } from '../rows/scope.ts'
import type { ChangeRow, Schema } from '../schema.ts'
import { notAsExpected, StoreError } from '../store-error.ts'
import { attempts, attemptsOf, changeOfRun } from './attempts.ts'
import { decisions, decisionsOf } from './decisions.ts'

export interface ChangeQuery extends PageQuery {
  status?: readonly ChangeStatus[]
  repository?: readonly string[]
  /** Ids of actors. */
  requester?: readonly string[]
  within?: Within
}

export interface ChangeReads {
  get(id: string): Promise<Change | null>
  /** The change that a run made or was asked to revise. */
  byRun(run: string): Promise<Change | null>
  /** Changes whose id starts or ends with `part`, newest first; at most `limit`. */
  find(part: string, limit: number): Promise<readonly Change[]>
  /** Newest first. */
  list(query?: ChangeQuery): Promise<Page<Change>>
}

/** The stored part of a change: the status is derived, and decisions and attempts have tables of their own. */
type Stored = Omit<Change, 'status' | 'decisions' | 'attempts'> & { state: ChangeState }
export type ChangeFields = Partial<Omit<Stored, 'id' | 'requester'>>

/** The state that a change must have for an update to apply. */
export interface ChangeExpectation {
  state?: readonly ChangeState[]
  commit?: string
  /** The number of decisions: no decision was made since the caller read them. */
  decisions?: number
  published?: boolean
}

export interface ChangeWrites {
  /** Inserts the change with its decisions and attempts. StoreError `conflict` if a change with this id or of this run exists. */
  insert(change: Change): Promise<void>
  /**
   * Writes only the given fields and resolves with the updated change. StoreError `not-found` if the change does not
   * exist, `conflict` if its state is not the expected one. Without fields it only checks the expectation and locks the
   * change until the transaction ends.
   */
  update(id: string, fields: ChangeFields, only?: { expect: ChangeExpectation }): Promise<Change>
}

export const changes = { reads, writes }

const COLUMNS = recordColumns<Stored, ChangeRow>(
  Change.omit({ status: true, decisions: true, attempts: true }).extend({ state: ChangeState }),
  {
    what: 'change',
    json: ['title', 'body', 'protectedPaths', 'findings', 'checks', 'requester'],
    flags: ['published'],
  },
)

function reads(db: Kysely<Schema>): ChangeReads {
  const all = db.selectFrom('changes').selectAll()
  async function get(id: string): Promise<Change | null> {
    const row = await all.where('id', '=', id).executeTakeFirst()
    return row ? whole(row, await madeOn(db, [row.id])) : null
  }
  return {
    get,
    async byRun(run) {
      const id = await changeOfRun(db, run)
      return id === null ? null : get(id)
    },
    async find(part, limit) {
      const fits = idHasEnd(part)
      if (fits === null) return []
      const rows = await all.where(fits).orderBy('id', 'desc').limit(limit).execute()
      const made = await madeOn(db, idsOf(rows))
      return rows.map((row) => whole(row, made))
    },
    async list(query = {}) {
      const { status, repository, requester, within } = query
      const page = pageRequest(query)
      const rows = await all
        .where(status === undefined ? ALWAYS : anyOf(status.map(hasStatus)))
        .where(columnsIn({ repository, requester_id: requester }))
        .where(inScope(within))
        .where(page.after('created_at'))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(page.limit + 1)
        .execute()
      const made = await madeOn(db, idsOf(rows))
      return pageOf(
        rows,
        page,
        (row) => row.created_at,
        (row) => whole(row, made),
      )
    },
  }
}

function writes(db: Kysely<Schema>): ChangeWrites {
  return {
    async insert({ status, decisions: made, attempts: asked, ...same }) {
      const row = COLUMNS.row({ ...same, state: changeState(status) })
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('changes')
        .values({ ...row, requester_id: same.requester.id, decided: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n)
        throw new StoreError('conflict', `change ${same.id}, or another change of run ${same.run}, exists already`)
      for (const decision of made) await decisions.writes(db).insert({ change: same.id, ...decision })
      for (const attempt of asked) await attempts.writes(db).insert({ change: same.id, ...attempt })
    },
    async update(id, fields, { expect = {} } = { expect: {} }) {
      const { state, commit, decisions: decided, published } = expect
      const row = await db
        .updateTable('changes')
        .set({ id, ...COLUMNS.some(id, fields) })
        .where('id', '=', id)
        .where(
          columnsIn({
            state,
            commit: commit === undefined ? undefined : [commit],
            decided: decided === undefined ? undefined : [decided],
            published: published === undefined ? undefined : [published ? 1 : 0],
          }),
        )
        .returningAll()
        .executeTakeFirst()
      if (!row) throw notAsExpected('change', id, await storedChange(db, id), { ...expect })
      return whole(row, await madeOn(db, [id]))
    },
  }
}

interface Made {
  decisions: ReadonlyMap<string, Decision[]>
  attempts: ReadonlyMap<string, Attempt[]>
}

async function madeOn(db: Kysely<Schema>, ids: readonly string[]): Promise<Made> {
  return { decisions: await decisionsOf(db, ids), attempts: await attemptsOf(db, ids) }
}

function whole(row: ChangeRow, made: Made): Change {
  const { state, ...same } = COLUMNS.record(row)
  const decided = made.decisions.get(row.id) ?? []
  return Change.parse({
    ...same,
    status: changeStatus(state, same.commit, decided),
    decisions: decided,
    attempts: made.attempts.get(row.id) ?? [],
  })
}

function idsOf(rows: readonly ChangeRow[]): string[] {
  return rows.map((row) => row.id)
}

async function storedChange(db: Kysely<Schema>, id: string): Promise<object | null> {
  const change = await reads(db).get(id)
  return change && { ...change, state: changeState(change.status), decisions: change.decisions.length }
}

/** changeStatus() in SQL. */
function hasStatus(status: ChangeStatus): RawBuilder<SqlBool> {
  if (status === 'merging' || status === 'merged') return columnsIn({ state: [status] })
  const has = (decision: Decision['decision']) => sql<SqlBool>`exists (
    select 1 from decisions where ${sql.ref('decisions.change')} = ${sql.ref('changes.id')}
    and ${sql.ref('decisions.commit')} = ${sql.ref('changes.commit')} and decision = ${decision})`
  const made = {
    open: sql<SqlBool>`not ${has('approved')} and not ${has('rejected')}`,
    approved: sql<SqlBool>`${has('approved')} and not ${has('rejected')}`,
    rejected: has('rejected'),
  }
  return sql<SqlBool>`(state = 'open' and ${made[status]})`
}
