// What a kind of database gives, so that the store can stand on it. SQL beyond this is written with Kysely alone.
import type { ColumnDefinitionBuilder, ColumnDataType, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

export interface Database extends AsyncDisposable {
  /** Transactions that write. */
  readonly writer: Kysely<Schema>
  /** Sees what is committed and nothing else, also while a transaction is under way on the writer. */
  readonly reader: Kysely<Schema>
  readonly dialect: SchemaDialect
  /** Whether a transaction failed only because another one was committed first, so that it may be run again. */
  lostRace(error: unknown): boolean
}

/** What a migration can't say in one way for every kind of database. */
export interface SchemaDialect {
  /** A primary key that the database fills: a later row has a greater number. */
  readonly ticket: { type: ColumnDataType; column: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder }
  /** Makes the database refuse to change or remove rows of a table. */
  appendOnly(db: Kysely<unknown>, table: string): Promise<void>
}
