import type { Kysely } from 'kysely'
import type { SchemaDialect } from '../database.ts'
import type { Migration } from '../migrate.ts'

export const initial: Migration = { version: 1, name: 'initial', up }

async function up(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createRuns(db)
  await createChanges(db)
  await createEvents(db, dialect)
  await createTraces(db)
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('task_source', 'text', (column) => column.notNull())
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('ref', 'text')
    .addColumn('commit', 'text')
    .addColumn('mode', 'text', (column) => column.notNull())
    .addColumn('inputs', 'text', (column) => column.notNull())
    .addColumn('sandbox', 'text', (column) => column.notNull())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .execute()
  await db.schema.createIndex('runs_newest').on('runs').columns(['created_at', 'id']).execute()
}

async function createChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('changes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull().unique().references('runs.id'))
    .addColumn('repository', 'text', (column) => column.notNull())
    .addColumn('branch', 'text', (column) => column.notNull())
    .addColumn('target', 'text', (column) => column.notNull())
    .addColumn('base', 'text', (column) => column.notNull())
    .addColumn('commit', 'text', (column) => column.notNull())
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('files', 'bigint', (column) => column.notNull())
    .addColumn('insertions', 'bigint', (column) => column.notNull())
    .addColumn('deletions', 'bigint', (column) => column.notNull())
    .addColumn('diff', 'text', (column) => column.notNull())
    .addColumn('protected_paths', 'text', (column) => column.notNull())
    .addColumn('findings', 'text', (column) => column.notNull())
    .addColumn('checks', 'text', (column) => column.notNull())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('decisions', 'text', (column) => column.notNull())
    .addColumn('merge_commit', 'text')
    .addColumn('publish_as', 'text', (column) => column.notNull())
    .addColumn('published', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('changes_newest').on('changes').columns(['created_at', 'id']).execute()
}

async function createEvents(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('position', 'bigint', (column) => column.primaryKey())
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addColumn('leaf', 'text', (column) => column.notNull())
    .addUniqueConstraint('events_run_seq', ['run', 'seq'])
    .execute()
  await db.schema.createIndex('events_run_kind_seq').on('events').columns(['run', 'kind', 'seq']).execute()
  await dialect.appendOnly(db, 'events')
}

async function createTraces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('traces')
    .addColumn('run', 'text', (column) => column.primaryKey())
    .addColumn('events', 'bigint', (column) => column.notNull())
    .addColumn('processes', 'bigint', (column) => column.notNull())
    .addColumn('files_read', 'bigint', (column) => column.notNull())
    .addColumn('files_written', 'bigint', (column) => column.notNull())
    .addColumn('requests', 'bigint', (column) => column.notNull())
    .addColumn('denied', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('trace_files')
    .addColumn('run', 'text', (column) => column.notNull())
    .addColumn('access', 'text', (column) => column.notNull())
    .addColumn('path_digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('trace_files_key', ['run', 'access', 'path_digest'])
    .execute()
}
