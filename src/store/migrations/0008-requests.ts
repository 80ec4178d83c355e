// Adds the digest of a run's request, who cancelled a run, and the digest of the pack with the commits of a change.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const requests: Migration = { version: 8, name: 'requests', up }

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('request', 'text').execute()
  await db.schema.alterTable('runs').addColumn('cancelled_by', 'text').execute()
  await db.schema.alterTable('changes').addColumn('pack', 'text').execute()
}
