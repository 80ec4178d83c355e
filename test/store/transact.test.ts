import { describe, expect, test } from 'vitest'
import type { Transaction } from '../../src/store/types.ts'
import { aChange, anId, aRun, freshFolder, insertRun, stage } from './sample-records.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('$name', ({ open }) => {
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

    test('does not commit a mutation whose event was refused, even if work catches the error', async () => {
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

    test('waits for operations that work did not await, and commits them', async () => {
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

    test('rolls everything back if an operation fails that work did not await', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const forgetting = store.transact(async (tx) => {
        await tx.runs.insert(run)
        tx.runs.insert(run).catch(() => {})
      })
      await expect(forgetting).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.runs.get(run.id)).toBeNull()
    })

    test('refuses operations after the transaction is over', async () => {
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
          insert: () => insertRun(store, aRun()),
          close: () => store[Symbol.asyncDispose](),
        }
        await expect(store.transact(() => inner[what]() as Promise<unknown>)).rejects.toMatchObject({
          code: 'inside-transaction',
        })
        await expect(store.record([stage(null, 'x')])).resolves.toHaveLength(1)
      },
    )

    test('commits waiting record() calls separately from the transaction, even if it fails', async () => {
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

    test('runs many simultaneous transactions and records, one after the other', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun({ inputs: { n: '0' } })
      await insertRun(store, run)
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

  test('a loop over transactions does not starve timers and record()', async () => {
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
})
