import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import type { Migration } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations/all.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import { DATABASE_FILE } from '../../src/store/open-store.ts'
import { MACHINE, freshFolder, open, stage } from './sample-records.ts'

test('migrations are numbered from 1 without a gap', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, index) => index + 1))
})

test('a schema newer than the code is refused, with what to do, and left alone', async () => {
  await using folder = await freshFolder()
  await (await open(folder.path))[Symbol.asyncDispose]()
  using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
  raw.exec("insert into schema_migrations values (999, 'from the future', 0)")
  await expect(open(folder.path)).rejects.toMatchObject({
    code: 'newer-schema',
    message: expect.stringContaining('schema 999'),
  })
  raw.exec('delete from schema_migrations where version = 999')
  await using _store = await open(folder.path)
})

test('a migration that fails leaves the schema as it was', async () => {
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

test('two starts at once migrate once', async () => {
  await using folder = await freshFolder()
  const stores = await Promise.all([open(folder.path), open(folder.path)])
  for (const store of stores) await store.record([stage(null, 'x')])
  expect((await stores[0].events.list({ run: null })).map((event) => event.seq)).toEqual([1, 2])
  for (const store of stores) await store[Symbol.asyncDispose]()
})
