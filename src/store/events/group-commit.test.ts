import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Event } from '../../domain/event.ts'
import { GroupCommit } from './group-commit.ts'
import type { PreparedEvent } from './prepare-event.ts'

// Neither the batch nor its order depends on what is in an event.
function events(count: number, leafLength = 10): PreparedEvent[] {
  const event = { run: null } as unknown as PreparedEvent['event']
  return Array.from({ length: count }, () => ({ event, head: 'x'.repeat(leafLength), tail: '' }))
}

const asWritten = (prepared: readonly PreparedEvent[]) => prepared as unknown as Event[]

test('calls of one turn share a commit, and each is answered with its own events', async () => {
  const sizes: number[] = []
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    const taken = take()
    sizes.push(taken.length)
    return asWritten(taken)
  })
  const given = [events(2), events(1), events(3)]
  expect(await Promise.all(given.map((call) => groups.add(call)))).toEqual(given)
  await groups.add(events(1))
  await groups.idle()
  expect(sizes).toEqual([6, 1])
})

test('a commit that fails rejects the calls in it and not those after it', async () => {
  let fail = true
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    const taken = take()
    if (fail) throw new Error('disk')
    return asWritten(taken)
  })
  const first = await Promise.allSettled([groups.add(events(1)), groups.add(events(1))])
  expect(first.map((call) => call.status)).toEqual(['rejected', 'rejected'])
  fail = false
  await expect(groups.add(events(1))).resolves.toHaveLength(1)
})

test('a transaction that cannot even begin rejects those that waited for it: nobody hangs', async () => {
  const groups = new GroupCommit(async () => {
    await setImmediate()
    throw new Error('locked')
  })
  await expect(groups.add(events(1))).rejects.toThrow('locked')
  await expect(groups.add(events(1))).rejects.toThrow('locked')
  await groups.idle()
})

test('a transaction holds so much and no more, but a call is never split', async () => {
  const sizes: number[] = []
  const groups = new GroupCommit(async (take) => {
    await setImmediate()
    const taken = take()
    sizes.push(taken.length)
    return asWritten(taken)
  })
  const MiB = 1024 ** 2
  await Promise.all([
    groups.add(events(9, MiB)),
    groups.add(events(5, MiB)),
    groups.add(events(3, MiB)),
    groups.add(events(1, MiB)),
  ])
  expect(sizes).toEqual([9, 8, 1])
})

test('more than may wait is refused at once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const groups = new GroupCommit(async (take) => {
    await promise
    return asWritten(take())
  })
  const waiting = groups.add(events(120, 1024 ** 2))
  await expect(groups.add(events(9, 1024 ** 2))).rejects.toMatchObject({ code: 'overloaded' })
  const small = groups.add(events(1))
  resolve()
  await expect(Promise.all([waiting, small])).resolves.toHaveLength(2)
  await expect(groups.add(events(9, 1024 ** 2))).resolves.toHaveLength(9)
})
