// SQL conditions built from a caller's filters.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'

/** Allowed values per column. An omitted column is not filtered; an empty list matches no row. */
export type ColumnValues = Readonly<Record<string, readonly (string | number)[] | undefined>>

export const ALWAYS = sql<SqlBool>`1 = 1`
const NEVER = sql<SqlBool>`1 = 0`

/** `prefix`: the table name with its dot, if a query joins several tables. */
export function columnsIn(values: ColumnValues, prefix = ''): RawBuilder<SqlBool> {
  const conditions = Object.entries(values).flatMap(([column, allowed]) =>
    allowed === undefined ? [] : [columnIn(`${prefix}${column}`, allowed)],
  )
  return conditions.length === 0 ? ALWAYS : sql`(${sql.join(conditions, sql` and `)})`
}

/** Holds if at least one condition holds; never holds for an empty list. */
export function anyOf(conditions: readonly RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return conditions.length === 0 ? NEVER : sql`(${sql.join(conditions, sql` or `)})`
}

function columnIn(column: string, allowed: readonly (string | number)[]): RawBuilder<SqlBool> {
  return allowed.length === 0 ? NEVER : sql<SqlBool>`${sql.ref(column)} in (${sql.join(allowed)})`
}
