// Which rows a caller may see. Authorisation yields it, so that a list is narrowed by the database.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ALWAYS, anyOf, columnsIn } from './conditions.ts'

/** Rows that meet every field that is given. An empty list is met by no row. */
export interface Scope {
  /** As runs name it: an absolute path or a URL. */
  repository?: readonly string[]
  /** Ids of actors. */
  requester?: readonly string[]
}

/** A row is seen when at least one scope has it. Left out: every row; empty: none. */
export type Within = readonly Scope[] | undefined

/** For tables that have the columns of a scope themselves. */
export function inScope(within: Within): RawBuilder<SqlBool> {
  if (within === undefined) return ALWAYS
  return anyOf(within.map(({ repository, requester }) => columnsIn({ repository, requester_id: requester })))
}

/** For tables whose rows belong to a run: `column` holds its id. */
export function runInScope(within: Within, column: string): RawBuilder<SqlBool> {
  if (within === undefined) return ALWAYS
  return sql<SqlBool>`${sql.ref(column)} in (select id from runs where ${inScope(within)})`
}
