// Adds an index of the last four characters of ids, by which people name things.
import { type Kysely, sql } from 'kysely'
import type { Migration } from '../migrate.ts'

export const shortIds: Migration = { version: 12, name: 'short ids', up }

async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['runs', 'changes', 'asks'])
    await sql`create index ${sql.ref(`${table}_by_end_of_id`)} on ${sql.table(table)} (substr(id, 17))`.execute(db)
}
