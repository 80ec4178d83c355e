import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const modelUsage: Migration = { version: 4, name: 'model-usage', up }

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('model_usage')
    .addColumn('call', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost_micros', 'bigint', (column) => column.notNull())
    .addColumn('currency', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('model_usage_run').on('model_usage').column('run').execute()
  await db.schema.createIndex('model_usage_time').on('model_usage').column('time').execute()
}
