// What a run was asked for, who asked it to stop, and the commits of a change as a pack.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const requests: Migration = { version: 8, name: 'requests', up }

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('request', 'text').execute()
  await db.schema.alterTable('runs').addColumn('cancelled_by', 'text').execute()
  await db.schema.alterTable('changes').addColumn('pack', 'text').execute()
}
