// Adds the attempts at a change: the runs that were asked to propose its commit. Every change has had one.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'
import { rowsOf } from './existing-rows.ts'

export const attempts: Migration = { version: 11, name: 'attempts', up }

interface Rows {
  changes: { id: string; run: string; requester: string; commit: string; created_at: number }
  attempts: { change: string; number: number; run: string; requester: string; commit: string; created_at: number }
}

async function up(given: Kysely<unknown>): Promise<void> {
  await given.schema
    .createTable('attempts')
    .addColumn('change', 'text', (column) => column.notNull().references('changes.id'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('run', 'text', (column) => column.notNull().unique().references('runs.id'))
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('start', 'text')
    .addColumn('review', 'text')
    .addColumn('commit', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('attempts_key', ['change', 'number'])
    .execute()
  const db = given as Kysely<Rows>
  const page = (after: string, limit: number) =>
    db
      .selectFrom('changes')
      .select(['id', 'run', 'requester', 'commit', 'created_at'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
  for await (const { id, ...same } of rowsOf(page))
    await db
      .insertInto('attempts')
      .values({ change: id, number: 1, ...same })
      .execute()
}
