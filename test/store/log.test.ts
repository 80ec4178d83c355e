import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/types.ts'
import { anId, finished, freshFolder, stage, started } from './sample-records.ts'
import { STORES } from './stores.ts'

const NEVER = new AbortController().signal

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

async function wholeLog(store: Store): Promise<readonly LogEntry[]> {
  return await store.log.list({ limit: 100_000 })
}

/** Collects entries from follow() up to this number. */
async function first(count: number, entries: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const given: LogEntry[] = []
  for await (const entry of entries) if (given.push(entry) === count) break
  return given
}

describe.each(STORES)('the log of the instance in $name', ({ open, crash }) => {
  test('has every event once, at positions from 1 without a gap, in the order of recording', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const [a, b] = [anId(), anId()]
    const given = [
      await store.record([stage(a, '1'), stage(b, '1'), stage(null, '1'), stage(a, '2')]),
      await store.transact((tx) => tx.record([stage(b, '2')])),
      await store.record([stage(a, '3'), stage(a, '4')]),
    ].flat()
    await store.log.settle()
    expect(await wholeLog(store)).toEqual(given.map((event, index) => ({ position: index + 1, event })))
    expect(await store.log.head()).toBe(given.length)
  })

  test('is listed by cursor, kind and limit', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const runs = [anId(), anId(), anId()]
    for (let turn = 0; turn < 10; turn++)
      await store.record(runs.flatMap((run, index) => [stage(run, 'x'), ...Array(index).fill(started(run))]))
    await store.log.settle()
    const all = await wholeLog(store)
    for (let after = 0; after <= all.length; after++)
      expect(await store.log.list({ after, limit: 3 })).toEqual(all.slice(after, after + 3))
    const processes = all.filter(({ event }) => event.kind === 'process.started')
    expect(await store.log.list({ kinds: ['process.started'], limit: 1000 })).toEqual(processes)
    const after = processes[7]!.position
    expect(await store.log.list({ kinds: ['process.started'], after, limit: 2 })).toEqual(processes.slice(8, 10))
    expect(await store.log.list({ kinds: [], limit: 2 })).toEqual([])
    expect(await store.log.list({ after: 10_000, limit: 2 })).toEqual([])
  })

  test('gives the position of every placed event', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    for (let turn = 0; turn < 5; turn++) {
      await store.record([stage(run, 'x'), stage(null, 'x')])
      await store.record([stage(run, 'y'), stage(run, 'z')])
      await store.log.settle()
    }
    for (const { position, event } of await wholeLog(store))
      expect(await store.log.position(event.run, event.seq)).toBe(position)
    expect(await store.log.position(run, 16)).toBeNull()
    expect(await store.log.position(run, 0)).toBeNull()
    expect(await store.log.position(anId(), 1)).toBeNull()
  })

  test('places events by itself soon after they are recorded, and wakes followers', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const run = anId()
    await store.record([stage(run, '1')])
    const following = first(1203, store.log.follow({}, NEVER))
    const late = first(1, store.log.follow({ after: 1202 }, NEVER))
    const kinds = first(1, store.log.follow({ kinds: ['run.finished'] }, NEVER))
    await store.record(Array.from({ length: 1200 }, () => stage(run, 'x')))
    await new Promise((later) => setTimeout(later, 100))
    await store.record([finished(run), stage(null, 'the end')])
    expect((await following).map(({ position }) => position)).toEqual(upTo(1203))
    expect((await late).map(({ event }) => event.body)).toEqual([{ stage: 'the end' }])
    expect((await kinds).map(({ position }) => position)).toEqual([1202])
  })

  test('can be followed across processes', async () => {
    await using folder = await freshFolder()
    await using one = await open(folder.path)
    await using two = await open(folder.path)
    const following = first(4, one.log.follow({}, NEVER))
    await two.record([stage(null, '1'), stage(null, '2')])
    await one.record([stage(null, '3')])
    await two.record([stage(null, '4')])
    expect((await following).map(({ position, event }) => [position, event.seq])).toEqual(upTo(4).map((n) => [n, n]))
  })

  test('follow() ends with its signal, and fails when the store is closed', async () => {
    await using folder = await freshFolder()
    const store = await open(folder.path)
    const stop = new AbortController()
    const stopped = first(9, store.log.follow({}, stop.signal))
    const closed = first(9, store.log.follow({}, NEVER))
    await new Promise((later) => setTimeout(later, 10))
    stop.abort()
    expect(await stopped).toEqual([])
    const failing = expect(closed).rejects.toMatchObject({ code: 'closed' })
    await store[Symbol.asyncDispose]()
    await failing
    await expect(store.log.settle()).rejects.toMatchObject({ code: 'closed' })
  })

  test('is complete after the store was closed properly', async () => {
    await using folder = await freshFolder()
    const store = await open(folder.path)
    await store.record([stage(null, 'x'), stage(anId(), 'x')])
    await store[Symbol.asyncDispose]()
    await using again = await open(folder.path)
    expect(await again.log.head()).toBe(2)
  })

  test('after a crash, the next start places the unplaced events after the placed ones', async () => {
    await using folder = await freshFolder()
    await using after = await freshFolder()
    const run = anId()
    {
      await using store = await open(folder.path)
      await store.record([stage(run, 'a'), stage(null, 'b')])
      await store.log.settle()
      await store.record([stage(null, 'c')])
      await store.record([stage(run, 'd')])
      await crash(folder.path, after.path)
    }
    await using store = await open(after.path)
    const entries = await first(4, store.log.follow({}, AbortSignal.timeout(10_000)))
    expect(entries.map(({ event }) => event.body)).toEqual(['a', 'b', 'c', 'd'].map((name) => ({ stage: name })))
    expect(entries.map(({ position }) => position)).toEqual(upTo(4))
  })

  test('gives no position to an event that is rolled back', async () => {
    await using folder = await freshFolder()
    await using store = await open(folder.path)
    const failing = store.transact(async (tx) => {
      await tx.record([stage(null, 'undone')])
      throw new Error('undo')
    })
    await expect(failing).rejects.toThrow('undo')
    await store.record([stage(null, 'kept')])
    await store.log.settle()
    expect((await wholeLog(store)).map(({ position, event }) => [position, event.body])).toEqual([
      [1, { stage: 'kept' }],
    ])
  })
})
