// Several processes on one database: a transaction that loses a race is retried. SQLite has no such transactions, so
// the database of these tests reports failing commits as lost races.
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { openFolderBlobs } from '../../src/store/blobs/folder-blobs.ts'
import { composeStore } from '../../src/store/compose-store.ts'
import type { Database } from '../../src/store/database.ts'
import { migrate } from '../../src/store/migrate.ts'
import { MIGRATIONS } from '../../src/store/migrations/all.ts'
import { DATABASE_FILE } from '../../src/store/database-file.ts'
import type { Schema } from '../../src/store/schema.ts'
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts'
import type { Store } from '../../src/store/types.ts'
import { MACHINE, anId, aRun, freshFolder, stage } from './sample-records.ts'

class LostRace extends Error {}

/** `losses`: the number of next commits that fail. */
async function openRacing(folder: string, losses: { left: number }): Promise<Store> {
  const database = await openSqlite(join(folder, DATABASE_FILE))
  await migrate(database, MIGRATIONS, MACHINE.now)
  const racing: Database = {
    ...database,
    writer: racingWriter(database.writer, losses),
    lostRace: (error) => error instanceof LostRace,
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
  return composeStore(racing, await openFolderBlobs(folder), MACHINE)
}

function racingWriter(writer: Kysely<Schema>, losses: { left: number }): Kysely<Schema> {
  const transaction = () => ({
    setIsolationLevel: () => transaction(),
    execute: <T>(work: (trx: Kysely<Schema>) => Promise<T>) =>
      writer.transaction().execute(async (trx) => {
        const result = await work(trx)
        if (losses.left-- > 0) throw new LostRace('could not serialize access')
        return result
      }),
  })
  return new Proxy(writer, {
    get: (target, name) => (name === 'transaction' ? transaction : (Reflect.get(target, name, target) as unknown)),
  })
}

test('writes a retried batch of record() calls once, and each call gets its own events', async () => {
  await using folder = await freshFolder()
  const losses = { left: 3 }
  await using store = await openRacing(folder.path, losses)
  const run = anId()
  const calls = Array.from({ length: 20 }, (_, index) => store.record([stage(run, `${index}`), stage(run, 'x')]))
  const answers = await Promise.all(calls)
  expect(losses.left).toBeLessThan(0)
  expect(answers.map((events) => events[0]?.body)).toEqual(answers.map((_, index) => ({ stage: `${index}` })))
  expect(await store.events.list({ run })).toEqual(answers.flat())
  expect(answers.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
})

test('runs the work of transact() again from the start and commits it once', async () => {
  await using folder = await freshFolder()
  const losses = { left: 2 }
  await using store = await openRacing(folder.path, losses)
  const run = aRun()
  let times = 0
  const events = await store.transact(async (tx) => {
    times += 1
    await tx.runs.insert(run)
    return await tx.record([stage(run.id, 'a')])
  })
  expect(times).toBe(3)
  expect(await store.events.list({ run: run.id })).toEqual(events)
  expect(await store.runs.get(run.id)).toEqual(run)
})

test('rejects a transaction that always loses, and later calls succeed', async () => {
  await using folder = await freshFolder()
  const losses = { left: 1000 }
  await using store = await openRacing(folder.path, losses)
  await expect(store.record([stage(null, 'never')])).rejects.toMatchObject({
    code: 'not-written',
    message: expect.stringContaining('could not serialize access'),
  })
  losses.left = 0
  expect((await store.record([stage(null, 'x')]))[0]?.seq).toBe(1)
})

test('does not retry after an error that is not a lost race', async () => {
  await using folder = await freshFolder()
  await using store = await openRacing(folder.path, { left: 0 })
  let times = 0
  const failing = store.transact(async () => {
    times += 1
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(times).toBe(1)
})
