// Cursor paging, newest first. A cursor names the last row of a page, so that new rows never shift a page.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { StoreError } from '../store-error.ts'
import { ALWAYS } from './conditions.ts'

export interface PageQuery {
  /** Most rows of a page, 1 to 10,000; the default is 100. */
  limit?: number
  /** `next` of the previous page. A malformed cursor is StoreError `bad-cursor`. */
  cursor?: string
}

export interface Page<T> {
  items: readonly T[]
  /** Cursor of the next page; null on the last page. */
  next: string | null
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 10_000
const CURSOR = /^(\d{1,16})\.([0-9a-z]{1,40})$/

export interface PageRequest {
  limit: number
  /** The condition that a row comes after the cursor. `time` names a column; rows of equal time are ordered by id. */
  after(time: string): RawBuilder<SqlBool>
}

export function pageRequest({ limit = DEFAULT_LIMIT, cursor }: PageQuery): PageRequest {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new StoreError('invalid', `the limit of a list must be a whole number from 1 to ${MAX_LIMIT}, not ${limit}`)
  if (cursor === undefined) return { limit, after: () => ALWAYS }
  const [, at, id] = CURSOR.exec(cursor) ?? []
  if (at === undefined || id === undefined)
    throw new StoreError(
      'bad-cursor',
      `${JSON.stringify(cursor.slice(0, 100))} is not a cursor; list again without one`,
    )
  // `time <= at` looks redundant, but it alone lets the database use an index over both columns.
  return {
    limit,
    after: (time) =>
      sql<SqlBool>`(${sql.ref(time)} <= ${Number(at)} and (${sql.ref(time)} < ${Number(at)} or id < ${id}))`,
  }
}

/** `rows`: the result of a query for one row more than the limit. */
export function pageOf<R extends { id: string }, T>(
  rows: readonly R[],
  { limit }: PageRequest,
  time: (row: R) => number,
  record: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const next = rows.length > limit && last !== undefined ? `${time(last)}.${last.id}` : null
  return { items: shown.map(record), next }
}
