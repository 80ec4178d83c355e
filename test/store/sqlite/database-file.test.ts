// Properties of the SQLite file that the record depends on.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../../src/domain/canonical.ts'
import { DATABASE_FILE } from '../../../src/store/database-file.ts'
import { anId, freshFolder, open, stage } from '../sample-records.ts'

describe('the database file', () => {
  test('commits 200 concurrent calls in a few transactions, and awaited calls in one each', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    const start = await commitsInLog(folder.path)
    await Promise.all(Array.from({ length: 200 }, (_, index) => store.record([stage(run, String(index))])))
    const grouped = (await commitsInLog(folder.path)) - start
    for (let index = 0; index < 10; index++) await store.record([stage(run, String(index))])
    const single = (await commitsInLog(folder.path)) - start - grouped
    expect(grouped).toBeGreaterThan(0)
    expect(grouped).toBeLessThanOrEqual(3)
    // Positions may be assigned in between, but never more often than events are recorded.
    expect(single).toBeGreaterThanOrEqual(10)
    expect(single).toBeLessThanOrEqual(20)
  })

  test('stores the canonical form of the event that it returned', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const [event] = await store.record([stage(null, 'é "quoted" \u0000')])
    using raw = readOnly(folder.path)
    expect(raw.prepare('select leaf from events').get()).toEqual({ leaf: canonicalJson(event) })
  })

  test.each([
    'update events set leaf = leaf',
    "update events set kind = 'x' where seq = 1",
    'delete from events',
    "insert or replace into events select run, seq, id, kind, source, time, '{}' from events",
  ])('refuses: %s', async (statement) => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const events = await store.record([stage(null, 'kept')])
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('pragma recursive_triggers = on')
    expect(() => raw.exec(statement)).toThrow('events are never changed or removed')
    expect(await store.events.list({ run: null })).toEqual(events)
  })

  test('detects a row that was altered by another program when it is read', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.record([stage(null, 'one')])
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('drop trigger events_no_update')
    raw.exec(`update events set run = '${anId()}'`)
    const { run } = raw.prepare('select run from events').get() as { run: string }
    await expect(store.events.list({ run })).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('only the owner can read the files', async () => {
    await using folder = await freshFolder()
    const data = join(folder.path, 'data')
    await using store = await open(data)
    await store.record([stage(null, 'x')])
    await store.blobs.put(new Uint8Array([1]))
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    for (const name of [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`]) {
      expect([name, (await stat(join(data, name))).mode & 0o777]).toEqual([name, 0o600])
    }
  })
})

function readOnly(folder: string): DatabaseSync {
  return new DatabaseSync(join(folder, DATABASE_FILE), { readOnly: true })
}

/**
 * The commit frames in SQLite's write-ahead log: 32 bytes of header, then frames of 24 bytes and a page; a frame that
 * ends a transaction names the size of the database in its second word
 * (https://www.sqlite.org/fileformat2.html#walformat).
 */
async function commitsInLog(folder: string): Promise<number> {
  const log = await readFile(join(folder, `${DATABASE_FILE}-wal`))
  const pageSize = log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
    const sameSalt = log.compare(log, 16, 24, at + 8, at + 16) === 0
    if (sameSalt && log.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}
