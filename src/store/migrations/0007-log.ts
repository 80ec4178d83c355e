// Moves the positions of events into a table of their own: an event is committed with only its sequence number in the
// run, and gets its position in the log of the instance afterwards. Existing positions are kept.
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { SchemaDialect } from '../database.ts'
import type { Migration } from '../migrate.ts'

export const log: Migration = { version: 7, name: 'log', up }

async function up(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createTables(db, dialect)
  await movePositions(db)
  await moveEvents(db)
  await dialect.appendOnly(db, 'events')
  await dialect.appendOnly(db, 'log')
}

async function createTables(db: Kysely<unknown>, { ticket }: SchemaDialect): Promise<void> {
  await db.schema
    .createTable('sequences')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('last', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('unplaced')
    .addColumn('ticket', ticket.type, ticket.column)
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('log')
    .addColumn('position', 'bigint', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('log_run_seq', ['run', 'seq'])
    .execute()
}

/** Consecutive events of a run in the log share one value of `position - seq`. */
async function movePositions(db: Kysely<unknown>): Promise<void> {
  await sql`insert into log (position, run, seq, count)
    select min(position), run, min(seq), count(*) from events group by run, position - seq`.execute(db)
  await sql`insert into sequences (name, last) select run, max(seq) from events group by run`.execute(db)
  await sql`insert into sequences (name, last)
    select 'log', last from (select max(position) as last from events) as ends where last is not null`.execute(db)
}

/** A primary key cannot be dropped from a table, so the table is made anew. */
async function moveEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('placeless_events')
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('leaf', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_key', ['run', 'seq'])
    .execute()
  await sql`insert into placeless_events (run, seq, id, kind, source, time, leaf)
    select run, seq, id, kind, source, time, leaf from events order by position`.execute(db)
  await db.schema.dropTable('events').execute()
  await db.schema.alterTable('placeless_events').renameTo('events').execute()
  await db.schema.createIndex('events_run_kind_seq').on('events').columns(['run', 'kind', 'seq']).execute()
}
