// Conditions that are put together from what a caller gave.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'

/** The values that each column may have; a column that is left out may have any, and one with an empty list has none. */
export type ColumnValues = Readonly<Record<string, readonly (string | number)[] | undefined>>

export const ALWAYS = sql<SqlBool>`1 = 1`
const NEVER = sql<SqlBool>`1 = 0`

/** `prefix`: the name of the table, where a query has several. */
export function columnsIn(values: ColumnValues, prefix = ''): RawBuilder<SqlBool> {
  const conditions = Object.entries(values).flatMap(([column, allowed]) =>
    allowed === undefined ? [] : [columnIn(`${prefix}${column}`, allowed)],
  )
  return conditions.length === 0 ? ALWAYS : sql`(${sql.join(conditions, sql` and `)})`
}

/** At least one is met; none is met where there is none. */
export function anyOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? NEVER : sql`(${sql.join(conditions, sql` or `)})`
}

function columnIn(column: string, allowed: readonly (string | number)[]): RawBuilder<SqlBool> {
  return allowed.length === 0 ? NEVER : sql<SqlBool>`${sql.ref(column)} in (${sql.join(allowed)})`
}
