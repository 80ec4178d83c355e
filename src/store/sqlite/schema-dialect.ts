import { sql } from 'kysely'
import type { SchemaDialect } from '../database.ts'

export const SQLITE_SCHEMA: SchemaDialect = {
  // The rowid: one more than the greatest that is there.
  ticket: { type: 'integer', column: (column) => column.primaryKey() },
  // Against a mistake in our own code, and for whoever opens the file with another tool. Whoever wants to alter the file
  // can drop a trigger; that is what the ledger is for.
  async appendOnly(db, table) {
    for (const verb of ['update', 'delete']) {
      await sql`create trigger ${sql.raw(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)}
        begin select raise(abort, ${sql.lit(`rows of ${table} are never changed or removed`)}); end`.execute(db)
    }
  },
}
