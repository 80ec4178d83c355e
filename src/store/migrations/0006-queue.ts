// Puts the queue of runs into the store: claims, plans, and the columns that say when a run starts. Text that people
// and agents wrote becomes JSON, since PostgreSQL accepts no NUL in a text column.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'
import { jsonText, rowsOf } from './existing-rows.ts'

export const queue: Migration = { version: 6, name: 'queue', up }

interface Before {
  runs: { id: string; requester: string; requester_id: string; reason: string | null }
  asks: { id: string; call: string; note: string | null }
}

async function up(db: Kysely<unknown>): Promise<void> {
  await extendRuns(db)
  await convertTexts(db as Kysely<Before>)
  await db.schema
    .createTable('plans')
    .addColumn('run', 'text', (column) => column.notNull().references('runs.id'))
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('plans_key', ['run', 'attempt'])
    .execute()
  await db.schema
    .createTable('claims')
    .addColumn('run', 'text', (column) => column.primaryKey().references('runs.id'))
    .addColumn('worker', 'text', (column) => column.notNull())
    .addColumn('generation', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('claims_expiry').on('claims').column('expires_at').execute()
}

async function extendRuns(db: Kysely<unknown>): Promise<void> {
  const runs = db.schema.alterTable('runs')
  await runs.addColumn('requester_id', 'text', (column) => column.notNull().defaultTo('')).execute()
  await runs.addColumn('trigger', 'text', (column) => column.notNull().defaultTo('manual')).execute()
  await runs.addColumn('plan', 'text').execute()
  await runs.addColumn('attempt', 'integer', (column) => column.notNull().defaultTo(1)).execute()
  await runs.addColumn('priority', 'integer', (column) => column.notNull().defaultTo(0)).execute()
  await runs.addColumn('not_before', 'bigint', (column) => column.notNull().defaultTo(0)).execute()
  await runs.addColumn('idempotency_key', 'text').execute()
  await db.schema
    .createIndex('runs_idempotency')
    .on('runs')
    .columns(['requester_id', 'idempotency_key'])
    .unique()
    .execute()
  for (const column of ['status', 'repository', 'requester_id'])
    await db.schema.createIndex(`runs_${column}`).on('runs').columns([column, 'created_at', 'id']).execute()
}

async function convertTexts(db: Kysely<Before>): Promise<void> {
  const runs = (after: string, limit: number) =>
    db.selectFrom('runs').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
  for await (const { id, requester, reason } of rowsOf(runs)) {
    const requester_id = (JSON.parse(requester) as { id: string }).id
    await db
      .updateTable('runs')
      .set({ requester_id, reason: jsonText(reason) })
      .where('id', '=', id)
      .execute()
  }
  const asks = (after: string, limit: number) =>
    db.selectFrom('asks').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
  for await (const { id, call, note } of rowsOf(asks)) {
    await db
      .updateTable('asks')
      .set({ call: JSON.stringify(call), note: jsonText(note) })
      .where('id', '=', id)
      .execute()
  }
}
