import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from '../../../src/store/migrate.ts'
import type { Migration } from '../../../src/store/migrate.ts'
import { MIGRATIONS } from '../../../src/store/migrations/all.ts'
import { openSqlite } from '../../../src/store/sqlite/open-sqlite.ts'
import { DATABASE_FILE } from '../../../src/store/database-file.ts'
import { MACHINE, aChange, aDecision, aRun, anAsk, anId, freshFolder, open, stage } from '../sample-records.ts'

test('migrations are numbered from 1 without a gap', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})

test('refuses a schema newer than the code, names the cure, and does not change it', async () => {
  await using folder = await freshFolder()
  await (await open(folder.path))[Symbol.asyncDispose]()
  using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
  raw.exec("insert into schema_migrations values (999, 'from the future', 0)")
  await expect(open(folder.path)).rejects.toMatchObject({
    code: 'newer-schema',
    message: expect.stringContaining('schema version 999'),
  })
  raw.exec('delete from schema_migrations where version = 999')
  await using _store = await open(folder.path)
})

test('a failed migration leaves the schema unchanged', async () => {
  await using folder = await freshFolder()
  await using database = await openSqlite(join(folder.path, DATABASE_FILE))
  const { writer } = database
  const failing: Migration = {
    version: (MIGRATIONS.at(-1)?.version ?? 0) + 1,
    name: 'failing',
    async up(trx) {
      await sql`create table half (a integer)`.execute(trx)
      throw new Error('stop')
    },
  }
  await expect(migrate(database, [...MIGRATIONS, failing], MACHINE.now)).rejects.toThrow('stop')
  await migrate(database, MIGRATIONS, MACHINE.now)
  expect(await writer.selectFrom('schema_migrations').select('version').execute()).toEqual(
    MIGRATIONS.map(({ version }) => ({ version })),
  )
  const tables = await writer.introspection.getTables()
  expect(tables.map((table) => table.name)).not.toContain('half')
})

test('two simultaneous starts migrate once', async () => {
  await using folder = await freshFolder()
  const stores = await Promise.all([open(folder.path), open(folder.path)])
  for (const store of stores) await store.record([stage(null, 'x')])
  expect((await stores[0].events.list({ run: null })).map((event) => event.seq)).toEqual([1, 2])
  for (const store of stores) await store[Symbol.asyncDispose]()
})

test('keeps the rows of version 4 and fills the derived columns', async () => {
  await using folder = await freshFolder()
  const requester = { id: 'service:ci', via: 'user:ada' }
  const runs = ['succeeded', 'running'].map((status) =>
    aRun({ status: status as 'running', requester, reason: 'it "stopped"\n' }),
  )
  const decisions = [aDecision('b'.repeat(40)), aDecision('b'.repeat(40), { decision: 'rejected', reason: null })]
  const changes = [
    aChange(runs[0]!.id, { requester, decisions, status: 'rejected', title: 'A "title"' }),
    aChange(runs[1]!.id, { status: 'merging', mergeCommit: 'c'.repeat(40), published: true }),
  ]
  const ask = anAsk(runs[0]!.id, { note: 'a "note"', status: 'denied', decidedAt: 3, decidedBy: requester })
  await version4(join(folder.path, DATABASE_FILE), (raw) => {
    for (const run of runs)
      raw
        .prepare('insert into runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
        .run(
          ...[run.id, run.task, run.taskSource, run.repository, run.ref, run.commit, run.mode],
          ...[JSON.stringify(run.inputs), run.sandbox, JSON.stringify(run.requester), run.status, run.reason],
          ...[run.createdAt, run.startedAt, run.finishedAt],
        )
    for (const change of changes)
      raw
        .prepare(`insert into changes values (${Array.from({ length: 23 }, () => '?').join(', ')})`)
        .run(
          ...[change.id, change.run, change.repository, change.branch, change.target, change.base, change.commit],
          ...[change.title, change.body, change.status, change.files, change.insertions, change.deletions, change.diff],
          ...[change.protectedPaths, change.findings, change.checks, change.requester, change.decisions].map((value) =>
            JSON.stringify(value),
          ),
          ...[change.mergeCommit, change.publishAs, change.published ? 1 : 0, change.createdAt],
        )
    raw
      .prepare('insert into asks values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(
        ...[ask.id, ask.run, ask.step, ask.agent, ask.call, JSON.stringify(ask.title), ask.tool],
        ...[JSON.stringify(ask.command), JSON.stringify(ask.paths), JSON.stringify(ask.options), ask.status],
        ...[ask.openedAt, ask.deadline, ask.decidedAt, JSON.stringify(ask.decidedBy), ask.note],
      )
  })
  await using store = await open(folder.path)
  for (const run of runs) expect(await store.runs.get(run.id)).toEqual(run)
  for (const change of changes) expect(await store.changes.get(change.id)).toEqual(change)
  expect(await store.asks.get(ask.id)).toEqual(ask)
  expect((await store.runs.list({ requester: ['service:ci'] })).items).toHaveLength(2)
  expect((await store.changes.list({ requester: ['service:ci'] })).items).toEqual([changes[0]])
  await store.transact((tx) => tx.decisions.insert({ change: changes[0]!.id, ...decisions[0]! }))
  expect(await store.decisions.list(changes[0]!.id)).toEqual([...decisions, decisions[0]])
})

test('events of version 4 keep their positions, and later ones follow', async () => {
  await using folder = await freshFolder()
  const [a, b] = [anId(), anId()]
  const order = [a, a, '', b, a, '', '', b, b, a]
  const leaves: unknown[] = []
  await version4(join(folder.path, DATABASE_FILE), (raw) => {
    const seqs = new Map<string, number>()
    for (const [index, run] of order.entries()) {
      const seq = (seqs.get(run) ?? 0) + 1
      seqs.set(run, seq)
      const event = { ...stage(run || null, `${index}`), id: anId(), seq, time: 1 }
      leaves.push(event)
      raw
        .prepare('insert into events values (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(index + 1, run, seq, event.id, event.kind, event.source, 1, JSON.stringify(event))
    }
  })
  await using store = await open(folder.path)
  const expected = leaves.map((event, index) => ({ position: index + 1, event }))
  expect(await store.log.list({ limit: 100 })).toEqual(expected)
  const [next] = await store.record([stage(b, 'new')])
  expect(next?.seq).toBe(4)
  await store.log.settle()
  expect(await store.log.list({ limit: 100 })).toEqual([...expected, { position: 11, event: next }])
})

test('migrates an empty database of version 4 to one without events', async () => {
  await using folder = await freshFolder()
  await version4(join(folder.path, DATABASE_FILE), () => {})
  await using store = await open(folder.path)
  expect(await store.log.head()).toBe(0)
  expect((await store.record([stage(null, 'x')]))[0]?.seq).toBe(1)
})

/** A database in the state of the first release with schema 4. */
function version4(path: string, fill: (raw: DatabaseSync) => void): Promise<void> {
  return olderVersion(4, path, fill)
}

async function olderVersion(version: number, path: string, fill: (raw: DatabaseSync) => void): Promise<void> {
  await using database = await openSqlite(path)
  await migrate(database, MIGRATIONS.slice(0, version), MACHINE.now)
  using raw = new DatabaseSync(path)
  fill(raw)
}

test('connections of version 9, which had no kind, are of models', async () => {
  await using folder = await freshFolder()
  const known = { provider: 'openai', url: 'http://127.0.0.1:9/v1', models: ['gpt-5'] }
  await olderVersion(9, join(folder.path, DATABASE_FILE), (raw) => {
    const insert = raw.prepare('insert into connections values (?, ?, 1, 2)')
    insert.run('main', JSON.stringify({ name: 'main', ...known }))
  })
  await using store = await open(folder.path)
  expect(await store.connections.get('main')).toMatchObject({ kind: 'model', name: 'main', ...known, fields: [] })
})
