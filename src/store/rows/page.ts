// Lists in pages, newest first. A cursor names the last row of a page, so that rows which come meanwhile move nothing.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { StoreError } from '../store-error.ts'
import { ALWAYS } from './conditions.ts'

export interface PageQuery {
  /** Rows at most, 1 to 10,000; left out: 100. */
  limit?: number
  /** `next` of the page before. A text that is none is StoreError `bad-cursor`. */
  cursor?: string
}

export interface Page<T> {
  items: readonly T[]
  /** Cursor of the next page; null: this is the last. */
  next: string | null
}

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 10_000
const CURSOR = /^(\d{1,16})\.([0-9a-z]{1,40})$/

export interface PageRequest {
  limit: number
  /** The condition that a row comes after the cursor. `time` is a column; rows of one time are in the order of their ids. */
  after(time: string): RawBuilder<SqlBool>
}

export function pageRequest({ limit = DEFAULT_LIMIT, cursor }: PageQuery): PageRequest {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new StoreError('invalid', `the limit of a list is a whole number from 1 to ${MAX_LIMIT}, not ${limit}`)
  if (cursor === undefined) return { limit, after: () => ALWAYS }
  const [, at, id] = CURSOR.exec(cursor) ?? []
  if (at === undefined || id === undefined)
    throw new StoreError(
      'bad-cursor',
      `${JSON.stringify(cursor.slice(0, 100))} is not a cursor; list again without one`,
    )
  // The first half alone bounds the search in an index over both columns.
  return {
    limit,
    after: (time) =>
      sql<SqlBool>`(${sql.ref(time)} <= ${Number(at)} and (${sql.ref(time)} < ${Number(at)} or id < ${id}))`,
  }
}

/** `rows` were asked for with one more than the limit. */
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
