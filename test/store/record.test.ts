import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { MAX_LEAF_BYTES } from '../../src/domain/event.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { DATABASE_FILE } from '../../src/store/open-store.ts'
import { anId, freshFolder, open, stage } from './sample-records.ts'

describe('record()', () => {
  test('numbers the events of each run, and those of the instance, from 1 without a gap', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const [a, b] = [anId(), anId()]
    await Promise.all([
      store.record([stage(a, '1'), stage(b, '1'), stage(null, '1')]),
      store.record([stage(a, '2'), stage(null, '2')]),
    ])
    const last = await store.record([stage(a, '3'), stage(a, '4')])
    expect(last.map((event) => event.seq)).toEqual([3, 4])
    for (const [run, count] of [
      [a, 4],
      [b, 1],
      [null, 2],
    ] as const) {
      const events = await store.events.list({ run })
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
      expect(events.map((event) => event.body)).toEqual(events.map((event) => ({ stage: String(event.seq) })))
    }
  })

  test('keeps the order of calls that were not awaited one by one, and gives each its own events', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    const calls = Array.from({ length: 200 }, (_, index) =>
      store.record([stage(run, `${index}a`), stage(run, `${index}b`)]),
    )
    const answers = await Promise.all(calls)
    answers.forEach((events, index) => {
      expect(events.map((event) => [event.seq, event.body])).toEqual([
        [index * 2 + 1, { stage: `${index}a` }],
        [index * 2 + 2, { stage: `${index}b` }],
      ])
    })
    expect(await store.events.list({ run })).toEqual(answers.flat())
  })

  test('commits concurrent calls together: 200 calls cost a handful of transactions, awaited ones one each', async () => {
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
    expect(single).toBe(10)
  })

  test('stores the canonical form of the event as it gave it back', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const [event] = await store.record([stage(null, 'é "quoted" \u0000')])
    using raw = readOnly(folder.path)
    expect(raw.prepare('select leaf from events').get()).toEqual({ leaf: canonicalJson(event) })
  })

  test('an event whose body breaks its shape is refused, and the calls beside it are not', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    const bad = { ...stage(run, 'x'), body: { stage: 7 } } as unknown as NewEvent
    const unknown = { ...stage(run, 'x'), kind: 'constructor' } as unknown as NewEvent
    const outcomes = await Promise.allSettled([
      store.record([stage(run, 'before')]),
      store.record([stage(run, 'never'), bad]),
      store.record([unknown]),
      store.record([stage('no-run-id', 'x')]),
      store.record([stage(run, 'half a pair \ud83d')]),
      store.record([stage(run, 'after')]),
    ])
    const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'recorded'))
    expect(codes).toEqual(['recorded', 'invalid', 'unknown-kind', 'invalid', 'not-canonical', 'recorded'])
    const events = await store.events.list({ run })
    expect(events.map((event) => event.body)).toEqual([{ stage: 'before' }, { stage: 'after' }])
  })

  test('a leaf of 65,535 bytes fits, and a larger one is refused with kind and size', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    const [small] = await store.record([stage(run, '')])
    // 16 digits are set aside for the number, of which this run's first events use one.
    const room = MAX_LEAF_BYTES - Buffer.byteLength(canonicalJson(small)) - 15
    const two = 'é'.repeat(Math.floor(room / 2))
    await expect(store.record([stage(run, two)])).resolves.toHaveLength(1)
    await expect(store.record([stage(run, `${two}éé`)])).rejects.toMatchObject({
      name: 'RecordError',
      code: 'too-large',
      message: expect.stringMatching(/^stage\.started is 6553[6-9] bytes/),
    })
  })

  test('the events answered and listed are those on disk, also after the store was opened again', async () => {
    await using folder = await freshFolder()
    const run = anId()
    const store = await open(folder.path)
    const events = await store.record([stage(run, 'a'), stage(run, 'b')])
    await store[Symbol.asyncDispose]()
    await expect(store.record([stage(run, 'c')])).rejects.toMatchObject({ code: 'closed' })
    await expect(store.events.list({ run })).rejects.toMatchObject({ code: 'closed' })
    await using again = await open(folder.path)
    expect(await again.events.list({ run })).toEqual(events)
    expect((await again.record([stage(run, 'c')]))[0]?.seq).toBe(3)
  })

  test('closing waits for what was asked before', async () => {
    await using folder = await freshFolder()
    const store = await open(folder.path)
    const recorded = store.record([stage(null, 'last words')])
    await store[Symbol.asyncDispose]()
    await expect(recorded).resolves.toHaveLength(1)
  })
})

describe('the events table', () => {
  test.each([
    'update events set leaf = leaf',
    "update events set kind = 'x' where seq = 1",
    'delete from events',
    "insert or replace into events select position, run, seq, id, kind, source, time, '{}' from events",
  ])('refuses: %s', async (statement) => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const events = await store.record([stage(null, 'kept')])
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('pragma recursive_triggers = on')
    expect(() => raw.exec(statement)).toThrow('events are never changed or removed')
    expect(await store.events.list({ run: null })).toEqual(events)
  })

  test('a row that was altered behind its back is noticed when it is read', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    await store.record([stage(null, 'one')])
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('drop trigger events_no_update')
    raw.exec(`update events set run = '${anId()}'`)
    const { run } = raw.prepare('select run from events').get() as { run: string }
    await expect(store.events.list({ run })).rejects.toMatchObject({ code: 'corrupt' })
  })

  test('lists by run, cursor, kind and limit', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    await store.record(Array.from({ length: 100 }, (_, index) => stage(run, String(index))))
    const page = await store.events.list({ run, after: 40, limit: 3, kinds: ['stage.started'] })
    expect(page.map((event) => event.seq)).toEqual([41, 42, 43])
    expect(await store.events.list({ run, kinds: ['run.finished'] })).toEqual([])
    expect(await store.events.list({ run, kinds: [] })).toEqual([])
  })

  test('nobody but the owner can read the files', async () => {
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
 * ends a transaction names the size of the database in its second word (https://www.sqlite.org/fileformat2.html#walformat).
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
