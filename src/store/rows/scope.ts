// The rows that a caller may see. Authorisation yields scopes, so that the database filters a list.
import { sql } from 'kysely'
import type { RawBuilder, SqlBool } from 'kysely'
import { ALWAYS, anyOf, columnsIn } from './conditions.ts'

/** Matches the rows that match every given field. An empty list matches no row. */
export interface Scope {
  /** Repositories as runs name them: absolute paths or URLs. */
  repository?: readonly string[]
  /** Ids of actors. */
  requester?: readonly string[]
}

/** A row is visible if at least one scope matches it. `undefined`: every row is visible; an empty list: no row is. */
export type Within = readonly Scope[] | undefined

/** For tables that have the columns of a scope. */
export function inScope(within: Within): RawBuilder<SqlBool> {
  if (within === undefined) return ALWAYS
  return anyOf(within.map(({ repository, requester }) => columnsIn({ repository, requester_id: requester })))
}

/** For tables whose rows belong to a run; `column` holds the id of the run. */
export function runInScope(within: Within, column: string): RawBuilder<SqlBool> {
  if (within === undefined) return ALWAYS
  return sql<SqlBool>`${sql.ref(column)} in (select id from runs where ${inScope(within)})`
}
