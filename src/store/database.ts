// The interface that each kind of database implements for the store. All other SQL is written with Kysely alone.
import type { ColumnDefinitionBuilder, ColumnDataType, Kysely } from 'kysely'
import type { Schema } from './schema.ts'

export interface Database extends AsyncDisposable {
  /** Transactions that write. */
  readonly writer: Kysely<Schema>
  /** Sees only committed rows, also while a transaction is under way on the writer. */
  readonly reader: Kysely<Schema>
  readonly dialect: SchemaDialect
  /**
   * Whether a transaction failed only because another one committed first (a serialization failure): it may be retried.
   */
  lostRace(error: unknown): boolean
}

/** The parts of a migration that differ between kinds of database. */
export interface SchemaDialect {
  /** A primary key that the database generates; a later row has a greater number. */
  readonly ticket: { type: ColumnDataType; column: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder }
  /** Makes the database refuse to update or delete rows of a table. */
  appendOnly(db: Kysely<unknown>, table: string): Promise<void>
}
