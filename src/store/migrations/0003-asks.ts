import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

export const asks: Migration = { version: 3, name: 'asks', up }

async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('asks')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('step', 'integer', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('call', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('command', 'text')
    .addColumn('paths', 'text', (column) => column.notNull())
    .addColumn('options', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('opened_at', 'bigint', (column) => column.notNull())
    .addColumn('deadline', 'bigint', (column) => column.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('decided_by', 'text')
    .addColumn('note', 'text')
    .execute()
  await db.schema.createIndex('asks_newest').on('asks').columns(['opened_at', 'id']).execute()
  await db.schema.createIndex('asks_status').on('asks').columns(['status', 'run']).execute()
}
