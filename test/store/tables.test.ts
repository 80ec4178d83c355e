import { describe, expect, test } from 'vitest'
import type { Store, Transaction } from '../../src/store/types.ts'
import { aChange, aDecision, aRun, anAsk, anId, freshFolder, insertRun } from './sample-records.ts'
import { STORES } from './stores.ts'

const writing = <T>(store: Store, work: (tx: Transaction) => Promise<T>): Promise<T> => store.transact(work)

describe.each(STORES)('$name', ({ open }) => {
  describe('runs', () => {
    test('reads a run as it was written, with any character in its reason', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun({ reason: 'NUL \u0000 and \u{1f600}', requester: { id: 'service:ci', via: 'user:ada' } })
      await insertRun(store, run)
      expect(await store.runs.get(run.id)).toEqual(run)
      await expect(insertRun(store, run)).rejects.toMatchObject({ code: 'conflict' })
    })

    test('an update writes only the given fields and returns the updated run', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun({ reason: 'kept' })
      await insertRun(store, run)
      const fields = { status: 'running', startedAt: 5, reason: undefined as never } as const
      const expected = { ...run, status: 'running', startedAt: 5 }
      expect(await writing(store, (tx) => tx.runs.update(run.id, fields))).toEqual(expected)
      expect(await store.runs.get(run.id)).toEqual(expected)
      const other = { ...expected, id: anId() } as never
      await writing(store, (tx) => tx.runs.update(run.id, other))
      expect(await store.runs.get(run.id)).toEqual(expected)
    })

    test('refuses an update of an unknown run or with an invalid value', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      await insertRun(store, run)
      await expect(writing(store, (tx) => tx.runs.update(anId(), { status: 'running' }))).rejects.toMatchObject({
        code: 'not-found',
      })
      const nonsense = { status: 'nonsense' as never }
      await expect(writing(store, (tx) => tx.runs.update(run.id, nonsense))).rejects.toMatchObject({ code: 'invalid' })
      expect(await store.runs.get(run.id)).toEqual(run)
    })

    test('an update that expects another state writes nothing and names the current state', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun({ status: 'cancelled' })
      await insertRun(store, run)
      const start = (attempt: number) =>
        writing(store, (tx) => {
          const expect = { status: ['queued', 'cancelled'], attempt: [attempt] } as const
          return tx.runs.update(run.id, { status: 'running' }, { expect })
        })
      await expect(start(2)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('status is "cancelled", attempt is 1'),
      })
      expect((await store.runs.get(run.id))?.status).toBe('cancelled')
      expect((await start(1)).status).toBe('running')
      await expect(start(1)).rejects.toMatchObject({ code: 'conflict' })
      const check = writing(store, (tx) => tx.runs.update(run.id, {}, { expect: { status: ['running'] } }))
      expect((await check).status).toBe('running')
    })

    test('exactly one of several simultaneous starts of a run succeeds', async () => {
      await using folder = await freshFolder()
      await using one = await open(folder.path)
      await using two = await open(folder.path)
      const run = aRun()
      await insertRun(one, run)
      const start = (store: Store) =>
        writing(store, (tx) => tx.runs.update(run.id, { status: 'running' }, { expect: { status: ['queued'] } }))
      const outcomes = await Promise.allSettled([one, two, one, two].map(start))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    test('an idempotency key gives one run per requester; requesters have separate keys', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const [run, again, others] = [aRun(), aRun(), aRun({ requester: { id: 'user:bob' } })]
      const insert = (given: typeof run, idempotencyKey: string | null) =>
        writing(store, (tx) => tx.runs.insert(given, { idempotencyKey }))
      await insert(run, 'build 7')
      await expect(insert(again, 'build 7')).rejects.toMatchObject({ code: 'conflict' })
      await insert(others, 'build 7')
      await insert(again, null)
      await insert(aRun(), null)
      expect(await store.runs.byIdempotencyKey('user:ada', 'build 7')).toEqual(run)
      expect(await store.runs.byIdempotencyKey('user:bob', 'build 7')).toEqual(others)
      expect(await store.runs.byIdempotencyKey('user:ada', 'build 8')).toBeNull()
    })
  })

  describe('plans', () => {
    test('an attempt can be planned once, and the run names its plan', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      await insertRun(store, run)
      const plan = { run: run.id, attempt: 1, digest: `sha256:${'1'.repeat(64)}`, bytes: 12, createdAt: 3 }
      await writing(store, (tx) => tx.plans.insert(plan))
      expect(await store.plans.get(run.id)).toEqual(plan)
      expect((await store.runs.get(run.id))?.plan).toBe(plan.digest)
      const other = { ...plan, digest: `sha256:${'2'.repeat(64)}` }
      await expect(writing(store, (tx) => tx.plans.insert(other))).rejects.toMatchObject({ code: 'conflict' })
      expect((await store.runs.get(run.id))?.plan).toBe(plan.digest)
      const second = { ...other, attempt: 2 }
      await expect(writing(store, (tx) => tx.plans.insert(second))).rejects.toMatchObject({ code: 'conflict' })
      await writing(store, (tx) => tx.runs.update(run.id, { attempt: 2, plan: null }))
      await writing(store, (tx) => tx.plans.insert(second))
      expect(await store.plans.get(run.id)).toEqual(second)
      expect(await store.plans.get(run.id, 1)).toEqual(plan)
      expect((await store.runs.get(run.id))?.plan).toBe(second.digest)
    })

    test('refuses a plan for an unknown run', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const plan = { run: anId(), attempt: 1, digest: `sha256:${'1'.repeat(64)}`, bytes: 12, createdAt: 3 }
      await expect(writing(store, (tx) => tx.plans.insert(plan))).rejects.toMatchObject({ code: 'not-found' })
      expect(await store.plans.get(plan.run)).toBeNull()
    })
  })

  describe('asks', () => {
    test('reads an ask as it was written, and accepts one answer', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const ask = anAsk(run.id, { call: 'c\u0000', title: '\u0000', command: null, note: '\u0000' })
      await expect(writing(store, (tx) => tx.asks.insert(ask))).rejects.toThrow(/foreign key/i)
      await insertRun(store, run)
      await writing(store, (tx) => tx.asks.insert(ask))
      await expect(writing(store, (tx) => tx.asks.insert(ask))).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.asks.get(ask.id)).toEqual(ask)
      const answer = (status: 'allowed' | 'denied') =>
        writing(store, (tx) => {
          const fields = { status, decidedAt: 9, decidedBy: { id: 'user:bob' } }
          return tx.asks.update(ask.id, fields, { expect: { status: ['open'] } })
        })
      const answered = { ...ask, status: 'denied', decidedAt: 9, decidedBy: { id: 'user:bob' } }
      expect(await answer('denied')).toEqual(answered)
      await expect(answer('allowed')).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.asks.get(ask.id)).toEqual(answered)
    })
  })

  describe('awaitAsk()', () => {
    const NEVER = new AbortController().signal
    const close = (store: Store, id: string) => writing(store, (tx) => tx.asks.update(id, { status: 'denied' }))

    test('resolves with the ask once any process closes it', async () => {
      await using folder = await freshFolder()
      await using one = await open(folder.path)
      await using two = await open(folder.path)
      const run = aRun()
      const asks = [anAsk(run.id), anAsk(run.id)]
      await writing(one, async (tx) => {
        await tx.runs.insert(run)
        for (const ask of asks) await tx.asks.insert(ask)
      })
      const waiting = asks.map(({ id }) => one.awaitAsk(id, NEVER))
      await close(one, asks[0]!.id)
      await close(two, asks[1]!.id)
      expect(await Promise.all(waiting)).toEqual(asks.map((ask) => ({ ...ask, status: 'denied' })))
      expect(await two.awaitAsk(asks[0]!.id, NEVER)).toMatchObject({ status: 'denied' })
      expect(await one.awaitAsk(anId(), NEVER)).toBeNull()
    })

    test('rejects when its signal aborts, and when the store is closed', async () => {
      await using folder = await freshFolder()
      const store = await open(folder.path)
      const run = aRun()
      const ask = anAsk(run.id)
      await insertRun(store, run)
      await writing(store, (tx) => tx.asks.insert(ask))
      const stop = new AbortController()
      const stopped = expect(store.awaitAsk(ask.id, stop.signal)).rejects.toThrow('nobody asks any more')
      const closed = expect(store.awaitAsk(ask.id, NEVER)).rejects.toMatchObject({ code: 'closed' })
      stop.abort(new Error('nobody asks any more'))
      await stopped
      await store[Symbol.asyncDispose]()
      await closed
    })
  })

  describe('changes', () => {
    test('reads a change as it was written, and refuses a second change of the same run', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const change = aChange(run.id, { title: '\u0000', published: true, decisions: [aDecision('b'.repeat(40))] })
      const approved = { ...change, status: 'approved' }
      await expect(writing(store, (tx) => tx.changes.insert(change))).rejects.toThrow(/foreign key/i)
      await insertRun(store, run)
      await writing(store, (tx) => tx.changes.insert(change))
      expect(await store.changes.get(change.id)).toEqual(approved)
      expect(await store.changes.byRun(run.id)).toEqual(approved)
      const second = aChange(run.id)
      await expect(writing(store, (tx) => tx.changes.insert(second))).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.changes.get(second.id)).toBeNull()
    })

    test('keeps the attempts at a change in order; a run and a number belong to one attempt', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const [first, second, third] = [aRun(), aRun(), aRun()]
      for (const run of [first, second, third]) await insertRun(store, run)
      const change = aChange(first.id)
      await writing(store, (tx) => tx.changes.insert(change))
      const attempt = {
        number: 2,
        run: second.id,
        requester: { id: 'service:ci', via: 'user:bob' },
        start: change.commit,
        review: change.diff,
        commit: null,
        createdAt: 2,
      }
      const insert = (fields: object) =>
        writing(store, (tx) => tx.attempts.insert({ change: change.id, ...attempt, ...fields }))
      await insert({})
      await expect(insert({ run: third.id })).rejects.toMatchObject({ code: 'conflict' })
      await expect(insert({ number: 3 })).rejects.toMatchObject({ code: 'conflict' })
      expect(await store.attempts.list(change.id)).toEqual([...change.attempts, attempt])
      for (const { id } of [first, second])
        expect(await store.changes.byRun(id)).toEqual({ ...change, attempts: [...change.attempts, attempt] })
      expect(await store.changes.byRun(third.id)).toBeNull()
      const propose = (run: string) => writing(store, (tx) => tx.attempts.propose(run, 'c'.repeat(40)))
      await propose(second.id)
      expect((await store.changes.get(change.id))?.attempts[1]).toEqual({ ...attempt, commit: 'c'.repeat(40) })
      for (const run of [second.id, third.id]) await expect(propose(run)).rejects.toMatchObject({ code: 'conflict' })
    })

    test('does not update a change whose state, decisions or commit differ from the expected ones', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const change = aChange(run.id)
      await insertRun(store, run)
      await writing(store, (tx) => tx.changes.insert(change))
      const merge = (decisions: number, commit = change.commit) =>
        writing(store, (tx) =>
          tx.changes.update(change.id, { state: 'merging' }, { expect: { state: ['open'], decisions, commit } }),
        )
      await writing(store, (tx) => tx.decisions.insert({ change: change.id, ...aDecision(change.commit) }))
      await expect(merge(0)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('decisions is 1'),
      })
      await expect(merge(1, 'c'.repeat(40))).rejects.toMatchObject({ code: 'conflict' })
      expect((await merge(1)).status).toBe('merging')
      await expect(merge(1)).rejects.toMatchObject({ code: 'conflict' })
      const nobodys = writing(store, (tx) => tx.changes.update(anId(), { published: true }))
      await expect(nobodys).rejects.toMatchObject({ code: 'not-found' })
    })
  })

  describe('decisions', () => {
    test('keep their order, with any character in their reason', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = aRun()
      const change = aChange(run.id)
      await insertRun(store, run)
      await writing(store, (tx) => tx.changes.insert(change))
      const made = [
        aDecision(change.commit, { reason: 'NUL \u0000', actor: { id: 'service:ci', via: 'user:bob' } }),
        aDecision(change.commit, { decision: 'rejected', reason: null }),
        aDecision('c'.repeat(40)),
      ]
      for (const decision of made) await writing(store, (tx) => tx.decisions.insert({ change: change.id, ...decision }))
      expect(await store.decisions.list(change.id)).toEqual(made)
      expect(await store.changes.get(change.id)).toEqual({ ...change, decisions: made, status: 'rejected' })
      const nobodys = writing(store, (tx) => tx.decisions.insert({ change: anId(), ...aDecision(change.commit) }))
      await expect(nobodys).rejects.toMatchObject({ code: 'not-found' })
    })

    test('are not lost if several are made at the same time', async () => {
      await using folder = await freshFolder()
      await using one = await open(folder.path)
      await using two = await open(folder.path)
      const run = aRun()
      const change = aChange(run.id)
      await insertRun(one, run)
      await writing(one, (tx) => tx.changes.insert(change))
      const decide = (store: Store, index: number) =>
        writing(store, (tx) => tx.decisions.insert({ change: change.id, ...aDecision(change.commit, { time: index }) }))
      await Promise.all(Array.from({ length: 20 }, (_, index) => decide(index % 2 === 0 ? one : two, index)))
      const times = (await one.decisions.list(change.id)).map(({ time }) => time)
      expect(times.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index))
    })
  })

  test('only a transaction can write', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    expect(Object.keys(store.runs).toSorted()).toEqual(['byIdempotencyKey', 'find', 'get', 'list'])
    const writes = await writing(store, async (tx) => Object.keys(tx.runs).toSorted())
    expect(writes).toEqual(['byIdempotencyKey', 'find', 'get', 'insert', 'list', 'update'])
  })
})
