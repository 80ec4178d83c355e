import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { DATABASE_FILE } from '../../src/store/open-store.ts'
import type { Transaction } from '../../src/store/types.ts'
import { aChange, anId, aRun, freshFolder, open, stage } from './sample-records.ts'

describe('transact()', () => {
  test('commits a mutation and its event together (invariant 10)', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    const change = aChange(run.id)
    const events = await store.transact(async (tx) => {
      await tx.runs.insert(run)
      await tx.changes.insert(change)
      expect(await tx.runs.get(run.id)).toEqual(run)
      expect(await store.runs.get(run.id)).toBeNull()
      return await tx.record([stage(run.id, 'a')])
    })
    expect(await store.runs.get(run.id)).toEqual(run)
    expect(await store.changes.byRun(run.id)).toEqual(change)
    expect(await store.events.list({ run: run.id })).toEqual(events)
  })

  test('rolls both back when work fails', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    const failing = store.transact(async (tx) => {
      await tx.runs.insert(run)
      await tx.record([stage(run.id, 'a')])
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await store.runs.get(run.id)).toBeNull()
    expect(await store.events.list({ run: run.id })).toEqual([])
    expect((await store.events.summary(run.id)).events).toBe(0)
    expect((await store.record([stage(run.id, 'b')]))[0]?.seq).toBe(1)
  })

  test('a mutation whose event was refused is not committed, also when work swallows the refusal', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    const swallowing = store.transact(async (tx) => {
      await tx.runs.insert(run)
      await tx.record([stage(run.id, '\ud800')]).catch(() => {})
    })
    await expect(swallowing).rejects.toMatchObject({ code: 'not-canonical' })
    expect(await store.runs.get(run.id)).toBeNull()
  })

  test('what work forgot to await is waited for, and counts', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    await store.transact(async (tx) => {
      void tx.runs.insert(run)
      void tx.record([stage(run.id, 'a')])
    })
    expect(await store.runs.get(run.id)).toEqual(run)
    expect(await store.events.list({ run: run.id })).toHaveLength(1)
  })

  test('what work forgot to await and then failed rolls everything back', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    const forgetting = store.transact(async (tx) => {
      await tx.runs.insert(run)
      tx.runs.insert(run).catch(() => {})
    })
    await expect(forgetting).rejects.toThrow('UNIQUE')
    expect(await store.runs.get(run.id)).toBeNull()
  })

  test('a transaction that is over takes nothing more', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    let leaked: Transaction | undefined
    await store.transact(async (tx) => void (leaked = tx))
    await expect(leaked?.runs.insert(aRun())).rejects.toMatchObject({ code: 'transaction-over' })
    await expect(leaked?.record([stage(null, 'late')])).rejects.toMatchObject({ code: 'transaction-over' })
    expect(await store.events.list({ run: null })).toEqual([])
  })

  test.each(['record', 'transact', 'insert', 'close'] as const)(
    '%s of the store inside work is refused and does not hang',
    async (what) => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const inner = {
        record: () => store.record([stage(null, 'x')]),
        transact: () => store.transact(async () => {}),
        insert: () => store.runs.insert(aRun()),
        close: () => store[Symbol.asyncDispose](),
      }
      await expect(store.transact(() => inner[what]() as Promise<unknown>)).rejects.toMatchObject({
        code: 'inside-transaction',
      })
      await expect(store.record([stage(null, 'x')])).resolves.toHaveLength(1)
    },
  )

  test('record() calls that wait for a transaction are committed apart from it, and live on when it fails', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    const { promise: release, resolve } = Promise.withResolvers<void>()
    const failing = store.transact(async (tx) => {
      await tx.record([stage(run, 'inside')])
      await release
      throw new Error('no')
    })
    const outside = [store.record([stage(run, 'outside 1')]), store.record([stage(run, 'outside 2')])]
    await new Promise((later) => setTimeout(later, 20))
    expect(await store.events.list({ run })).toEqual([])
    resolve()
    await expect(failing).rejects.toThrow('no')
    await Promise.all(outside)
    expect((await store.events.list({ run })).map((event) => event.body)).toEqual([
      { stage: 'outside 1' },
      { stage: 'outside 2' },
    ])
  })

  test('many transactions and records at once all happen, one after the other', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun({ inputs: { n: '0' } })
    await store.runs.insert(run)
    const increment = () =>
      store.transact(async (tx) => {
        const now = Number((await tx.runs.get(run.id))?.inputs.n)
        await new Promise((later) => setImmediate(later))
        await tx.runs.update(run.id, { inputs: { n: String(now + 1) } })
        await tx.record([stage(run.id, 'n')])
      })
    await Promise.all(Array.from({ length: 40 }, () => [increment(), store.record([stage(run.id, 'r')])]).flat())
    expect((await store.runs.get(run.id))?.inputs).toEqual({ n: '40' })
    const events = await store.events.list({ run: run.id })
    expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
  })
})

test('a loop over transactions leaves timers and record() their turn', async () => {
  await using folder = await freshFolder()
  await using store = await open(folder.path)
  const stop = AbortSignal.timeout(20)
  const recorded = store.record([stage(null, 'x')]).then(() => turns)
  let turns = 0
  for (; !stop.aborted && turns < 5_000; turns++)
    await store.transact(async (tx) => void (await tx.runs.list({ limit: 1 })))
  expect(turns).toBeLessThan(5_000)
  expect(await recorded).toBeLessThan(10)
})

describe('a COMMIT that fails', () => {
  // A constraint that is only checked at COMMIT: the insert succeeds, the commit does not.
  const TRAP = `
    create table trap (run text references runs (id) deferrable initially deferred);
    create trigger spring after insert on events when new.leaf like '%poison%' begin insert into trap values ('nobody'); end`

  test('rejects the call, leaves nothing, and later calls work', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec(TRAP)
    await store.record([stage(null, 'good')])
    await expect(store.record([stage(null, 'poison')])).rejects.toMatchObject({
      name: 'RecordError',
      code: 'not-written',
    })
    const transacting = store.transact(async (tx) => {
      await tx.runs.insert(aRun())
      await tx.record([stage(null, 'poison')])
    })
    await expect(transacting).rejects.toThrow('FOREIGN KEY')
    expect(await store.runs.list()).toEqual([])
    expect((await store.record([stage(null, 'good again')]))[0]?.seq).toBe(2)
  })

  test('a database that another process has locked rejects record()', { timeout: 15_000 }, async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    using raw = new DatabaseSync(join(folder.path, DATABASE_FILE))
    raw.exec('begin immediate')
    await expect(store.record([stage(null, 'x')])).rejects.toMatchObject({ code: 'not-written' })
    raw.exec('rollback')
    expect((await store.record([stage(null, 'x')]))[0]?.seq).toBe(1)
  })
})

describe('the tables', () => {
  test('a run comes back as it went in, and is updated field by field', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun({ reason: 'NUL \u0000 and \u{1f600}', requester: { id: 'service:ci', via: 'user:ada' } })
    await store.runs.insert(run)
    expect(await store.runs.get(run.id)).toEqual(run)
    await store.runs.update(run.id, { status: 'running', startedAt: 5, reason: undefined as never })
    expect(await store.runs.get(run.id)).toEqual({ ...run, status: 'running', startedAt: 5 })
    await expect(store.runs.update(anId(), { status: 'running' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(store.runs.update(run.id, { status: 'nonsense' as never })).rejects.toMatchObject({ code: 'invalid' })
    await expect(store.runs.insert(run)).rejects.toThrow('UNIQUE')
  })

  test('runs are listed newest first, by status, up to a limit', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const runs = [1, 2, 3].map((createdAt) => aRun({ createdAt, status: createdAt === 2 ? 'failed' : 'running' }))
    for (const run of runs) await store.runs.insert(run)
    expect((await store.runs.list()).map((run) => run.createdAt)).toEqual([3, 2, 1])
    expect((await store.runs.list({ status: ['running'], limit: 1 })).map((run) => run.createdAt)).toEqual([3])
    expect(await store.runs.list({ status: [] })).toEqual([])
  })

  test('a change comes back as it went in, belongs to a run that exists, and is updated', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    await expect(store.changes.insert(aChange(run.id))).rejects.toThrow('FOREIGN KEY')
    await store.runs.insert(run)
    const change = aChange(run.id)
    await store.changes.insert(change)
    const decisions = [
      {
        actor: { id: 'user:bob' },
        decision: 'approved' as const,
        commit: change.commit,
        reason: 'ok',
        policies: ['p'],
        time: 1,
      },
    ]
    await store.changes.update(change.id, { status: 'approved', decisions })
    expect(await store.changes.get(change.id)).toEqual({ ...change, status: 'approved', decisions })
    expect(await store.changes.list({ limit: 5 })).toHaveLength(1)
    await expect(store.changes.update(anId(), { status: 'merged' })).rejects.toMatchObject({ code: 'not-found' })
  })
})
