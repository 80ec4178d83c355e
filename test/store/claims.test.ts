import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/types.ts'
import { aRun, anId, freshFolder, insertRun, stage } from './sample-records.ts'
import { STORES } from './stores.ts'

const LEASE = 1000

const claim = (store: Store, worker: string, now: number) => store.transact((tx) => tx.claims.claim(worker, now, LEASE))

describe.each(STORES)('claims of $name', ({ open }) => {
  test('give the oldest queued run of the highest priority, once its start time has come', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const runs = {
      young: aRun({ createdAt: 3 }),
      old: aRun({ createdAt: 1 }),
      urgent: aRun({ createdAt: 4, priority: 5 }),
      later: aRun({ createdAt: 1, priority: 9 }),
      running: aRun({ status: 'running', priority: 9 }),
    }
    await store.transact(async (tx) => {
      for (const run of Object.values(runs)) await tx.runs.insert(run, { notBefore: run === runs.later ? 50 : 0 })
    })
    const given = []
    for (const now of [10, 10, 10, 10, 50, 50]) given.push((await claim(store, 'w', now))?.run ?? null)
    expect(given).toEqual([runs.urgent, runs.old, runs.young, null, runs.later, null])
  })

  test('give each run to exactly one of several workers that ask at once, from several processes', async () => {
    await using folder = await freshFolder()
    await using one = await open(folder.path)
    await using two = await open(folder.path)
    const runs = Array.from({ length: 10 }, () => aRun())
    for (const run of runs) await insertRun(one, run)
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, index) => claim(index % 2 === 0 ? one : two, `w${index}`, 10)),
    )
    const given = answers.flatMap((answer) => (answer ? [answer.run.id] : []))
    expect(given).toHaveLength(10)
    expect(new Set(given)).toEqual(new Set(runs.map(({ id }) => id)))
  })

  test('hold until their lease expires, which the worker can extend', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    await insertRun(store, run)
    const first = { run: run.id, generation: 1 }
    expect(await claim(store, 'one', 0)).toEqual({ run, generation: 1 })
    expect(await claim(store, 'two', LEASE - 1)).toBeNull()
    await store.transact((tx) => tx.claims.renew(first, LEASE - 1, LEASE))
    expect(await claim(store, 'two', 2 * LEASE - 2)).toBeNull()
    expect(await store.claims.get(run.id)).toEqual({ ...first, worker: 'one', expiresAt: 2 * LEASE - 1 })
    expect(await claim(store, 'two', 2 * LEASE - 1)).toEqual({ run, generation: 2 })
    await expect(store.transact((tx) => tx.claims.renew(first, 0, LEASE))).rejects.toMatchObject({ code: 'fenced' })
    await expect(store.transact((tx) => tx.claims.release(first))).rejects.toMatchObject({ code: 'fenced' })
    expect(await store.claims.get(run.id)).toMatchObject({ worker: 'two', generation: 2 })
  })

  test('can be taken at once after a release, with a greater generation', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    await insertRun(store, run)
    await claim(store, 'one', 0)
    await store.transact((tx) => tx.claims.release({ run: run.id, generation: 1 }))
    expect(await claim(store, 'two', 0)).toMatchObject({ generation: 2 })
    expect(await store.claims.get(anId())).toBeNull()
  })

  test('are listed after their lease expired, until their run has finished', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const [working, finished, alive] = [aRun({ createdAt: 1 }), aRun({ createdAt: 2 }), aRun({ createdAt: 3 })]
    for (const run of [working, finished, alive]) await insertRun(store, run)
    for (const now of [0, 0, 500]) await claim(store, 'w', now)
    await store.transact(async (tx) => {
      await tx.runs.update(working.id, { status: 'running' })
      await tx.runs.update(finished.id, { status: 'failed' })
    })
    expect((await store.claims.expired(LEASE, 10)).map(({ run }) => run)).toEqual([working.id])
    expect(await store.claims.expired(LEASE - 1, 10)).toEqual([])
    const taken = await store.transact((tx) => tx.claims.take(working.id, 'reaper', LEASE, LEASE))
    expect(taken).toEqual({ run: working.id, generation: 2 })
    expect(await store.transact((tx) => tx.claims.take(alive.id, 'reaper', LEASE, LEASE))).toBeNull()
    expect(await store.claims.expired(LEASE, 10)).toEqual([])
  })

  test('a worker that lost its claim can write neither events nor runs', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = aRun()
    await insertRun(store, run)
    await claim(store, 'slow', 0)
    const slow = store.underClaim({ run: run.id, generation: 1 })
    await slow.record([stage(run.id, 'a')])
    await slow.transact((tx) => tx.runs.update(run.id, { reason: 'slow' }))
    // Late, but no other worker has the run, so it may continue.
    await slow.record([stage(run.id, 'b')])
    await claim(store, 'quick', LEASE)
    const quick = store.underClaim({ run: run.id, generation: 2 })
    const outcomes = await Promise.allSettled([
      quick.record([stage(run.id, 'c')]),
      slow.record([stage(run.id, 'never')]),
      store.record([stage(run.id, 'd')]),
      slow.record([stage(run.id, 'never'), stage(null, 'never')]),
      quick.record([stage(run.id, 'e')]),
    ])
    expect(outcomes.map((one) => (one.status === 'rejected' ? one.reason.code : one.value[0]?.body))).toEqual([
      { stage: 'c' },
      'fenced',
      { stage: 'd' },
      'fenced',
      { stage: 'e' },
    ])
    const writing = slow.transact((tx) => tx.runs.update(run.id, { reason: 'never' }))
    await expect(writing).rejects.toMatchObject({ name: 'StoreError', code: 'fenced' })
    expect((await store.runs.get(run.id))?.reason).toBe('slow')
    const events = await store.events.list({ run: run.id })
    expect(events.map(({ body }) => body)).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => ({ stage: name })))
    expect(await slow.events.list({ run: null })).toEqual([])
    await expect(store.underClaim({ run: anId(), generation: 1 }).record([stage(null, 'x')])).rejects.toMatchObject({
      code: 'fenced',
    })
  })
})
