// Moves decisions into a table of their own, and gives a change a column for its merge state. Text that people wrote
// becomes JSON, since PostgreSQL accepts no NUL in a text column.
import type { Kysely } from 'kysely'
import type { SchemaDialect } from '../database.ts'
import type { Migration } from '../migrate.ts'
import { jsonText, rowsOf } from './existing-rows.ts'

export const decisions: Migration = { version: 5, name: 'decisions', up }

interface Before {
  changes: {
    id: string
    status: string
    state: string
    decided: number
    decisions: string
    requester: string
    requester_id: string
    title: string
    body: string
  }
  decisions: {
    change: string
    seq: number
    actor: string
    decision: string
    commit: string
    reason: string | null
    policies: string
    time: number
  }
}

interface Made {
  actor: object
  decision: string
  commit: string
  reason: string | null
  policies: string[]
  time: number
}

async function up(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await db.schema
    .createTable('decisions')
    .addColumn('change', 'text', (column) => column.notNull().references('changes.id'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('decision', 'text', (column) => column.notNull())
    .addColumn('commit', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('policies', 'text', (column) => column.notNull())
    .addColumn('time', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('decisions_key', ['change', 'seq'])
    .execute()
  const changes = db.schema.alterTable('changes')
  await changes.addColumn('state', 'text', (column) => column.notNull().defaultTo('open')).execute()
  await changes.addColumn('decided', 'integer', (column) => column.notNull().defaultTo(0)).execute()
  await changes.addColumn('requester_id', 'text', (column) => column.notNull().defaultTo('')).execute()
  await moveDecisions(db as Kysely<Before>)
  await changes.dropColumn('status').execute()
  await changes.dropColumn('decisions').execute()
  for (const column of ['repository', 'requester_id'])
    await db.schema.createIndex(`changes_${column}`).on('changes').columns([column, 'created_at', 'id']).execute()
  await dialect.appendOnly(db, 'decisions')
}

async function moveDecisions(db: Kysely<Before>): Promise<void> {
  const page = (after: string, limit: number) =>
    db.selectFrom('changes').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
  for await (const { id, status, decisions, requester, title, body } of rowsOf(page)) {
    const made = JSON.parse(decisions) as Made[]
    for (const [index, { actor, policies, reason, decision, commit, time }] of made.entries()) {
      const row = { change: id, seq: index + 1, decision, commit, time }
      const texts = { actor: JSON.stringify(actor), policies: JSON.stringify(policies), reason: jsonText(reason) }
      await db
        .insertInto('decisions')
        .values({ ...row, ...texts })
        .execute()
    }
    await db
      .updateTable('changes')
      .set({
        state: status === 'merging' || status === 'merged' ? status : 'open',
        decided: made.length,
        requester_id: (JSON.parse(requester) as { id: string }).id,
        title: JSON.stringify(title),
        body: JSON.stringify(body),
      })
      .where('id', '=', id)
      .execute()
  }
}
