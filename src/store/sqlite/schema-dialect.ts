import { sql } from 'kysely'
import type { SchemaDialect } from '../database.ts'

export const SQLITE_SCHEMA: SchemaDialect = {
  // The rowid: SQLite sets it to the greatest existing rowid plus one.
  ticket: { type: 'integer', column: (column) => column.primaryKey() },
  // Protects against mistakes in our own code and in other tools that open the file. A trigger does not stop an
  // attacker, who can drop it; the ledger reveals such changes.
  async appendOnly(db, table) {
    for (const verb of ['update', 'delete']) {
      await sql`create trigger ${sql.raw(`${table}_no_${verb}`)} before ${sql.raw(verb)} on ${sql.table(table)}
        begin select raise(abort, ${sql.lit(`rows of ${table} are never changed or removed`)}); end`.execute(db)
    }
  },
}
