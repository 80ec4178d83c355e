import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../domain/event.ts'
import { GroupCommit } from './group-commit.ts'
import type { Outcome, RecordCall } from './group-commit.ts'
import type { PreparedEvent } from './prepare-event.ts'

// The content of an event is irrelevant to the batches and their order, so these events are empty.
function call(count: number, leafLength = 10): RecordCall {
  const event = { run: null } as unknown as PreparedEvent['event']
  const events = Array.from({ length: count }, () => ({ event, head: 'x'.repeat(leafLength), tail: '' }))
  return { events, claim: null }
}

/** A store's answer, with the prepared events in place of the recorded ones. */
const written = (calls: readonly RecordCall[]): Outcome[] => calls.map(({ events }) => events as unknown as Event[])

function sizeOf(calls: readonly RecordCall[]): number {
  return calls.reduce((sum, { events }) => sum + events.length, 0)
}

test('calls of one turn share a commit, and each is answered with its own events', async () => {
  const sizes: number[] = []
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    sizes.push(sizeOf(take()))
    return written(take())
  })
  const given = [call(2), call(1), call(3)]
  expect(await Promise.all(given.map((one) => groups.add(one)))).toEqual(given.map(({ events }) => events))
  await groups.add(call(1))
  await groups.idle()
  expect(sizes).toEqual([6, 1])
})

test('a failed commit rejects its own calls and not later ones', async () => {
  let fail = true
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    take()
    if (fail) throw new Error('disk')
    return written(take())
  })
  const first = await Promise.allSettled([groups.add(call(1)), groups.add(call(1))])
  expect(first.map((one) => one.status)).toEqual(['rejected', 'rejected'])
  fail = false
  await expect(groups.add(call(1))).resolves.toHaveLength(1)
})

test('a retried transaction has the same calls; calls that arrive meanwhile go into the next one', async () => {
  const batches: number[][] = []
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    const tries = [sizeOf(take())]
    if (batches.length === 0) void groups.add(call(5))
    await setImmediate()
    batches.push([...tries, sizeOf(take())])
    return written(take())
  })
  const answers = await Promise.all([groups.add(call(1)), groups.add(call(2))])
  await groups.idle()
  expect(answers.map((events) => events.length)).toEqual([1, 2])
  expect(batches).toEqual([
    [3, 3],
    [5, 5],
  ])
})

test('one call of a batch can be refused while the others are written', async () => {
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    return written(take()).with(1, new Error('fenced'))
  })
  const calls = [groups.add(call(1)), groups.add(call(2)), groups.add(call(3))]
  const outcomes = await Promise.allSettled(calls)
  expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value.length : one.reason.message))).toEqual([
    1,
    'fenced',
    3,
  ])
})

test('a transaction that cannot begin rejects its calls instead of leaving them hanging', async () => {
  const groups = new GroupCommit(async () => {
    await setImmediate()
    throw new Error('locked')
  })
  await expect(groups.add(call(1))).rejects.toThrow('locked')
  await expect(groups.add(call(1))).rejects.toThrow('locked')
  await groups.idle()
})

test('bounds the size of a transaction but never splits a call', async () => {
  const sizes: number[] = []
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    sizes.push(sizeOf(take()))
    return written(take())
  })
  const MiB = 1024 ** 2
  await Promise.all([9, 5, 3, 1].map((count) => groups.add(call(count, MiB))))
  expect(sizes).toEqual([9, 8, 1])
})

test('refuses a call at once when too much is waiting', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const groups = new GroupCommit(async (take) => {
    await promise
    return written(take())
  })
  const waiting = groups.add(call(120, 1024 ** 2))
  await expect(groups.add(call(9, 1024 ** 2))).rejects.toMatchObject({ code: 'overloaded' })
  const small = groups.add(call(1))
  resolve()
  await expect(Promise.all([waiting, small])).resolves.toHaveLength(2)
  await expect(groups.add(call(9, 1024 ** 2))).resolves.toHaveLength(9)
})
