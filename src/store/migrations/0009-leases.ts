// Adds leases: work that only one process at a time may do.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const leases: Migration = { version: 9, name: 'leases', up }

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text', (column) => column.notNull())
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
}
