import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/domain/byte-text.ts'
import type { Event, NewEvent } from '../../src/domain/event.ts'
import type { Store } from '../../src/store/types.ts'
import { aRun, anId, decided, files, finished, freshFolder, requested, stage, started } from './sample-records.ts'
import { STORES } from './stores.ts'

const NEVER = new AbortController().signal

async function collect(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = []
  for await (const event of events) all.push(event)
  return all
}

describe.each(STORES)('$name', ({ open }) => {
  describe('events.follow()', () => {
    test('gives past and new events without gap or repetition, and ends after run.finished', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      await store.record(Array.from({ length: 1200 }, (_, index) => stage(run, `early ${index}`)))
      const followers = [0, 700, 1200].map((after) => collect(store.events.follow({ run, after }, NEVER)))
      for (let batch = 0; batch < 50; batch++) {
        await Promise.all([
          store.record([stage(run, 'live')]),
          store.record([stage(run, 'live'), stage(anId(), 'elsewhere')]),
        ])
        if (batch % 10 === 0) await new Promise((later) => setTimeout(later, 5))
      }
      await store.transact((tx) => tx.record([finished(run)]))
      const all = await store.events.list({ run })
      expect(all).toHaveLength(1301)
      const [whole, part, live] = await Promise.all(followers)
      expect(whole).toEqual(all)
      expect(part).toEqual(all.slice(700))
      expect(live).toEqual(all.slice(1200))
    })

    test('gives a slow reader all events', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      const seen: number[] = []
      const reading = (async () => {
        for await (const event of store.events.follow({ run }, NEVER)) {
          seen.push(event.seq)
          await new Promise((later) => setTimeout(later, 1))
        }
      })()
      for (let index = 0; index < 60; index++) await store.record([stage(run, 'x')])
      await store.record([finished(run)])
      await reading
      expect(seen).toEqual(Array.from({ length: 61 }, (_, index) => index + 1))
    })

    test('with a filter on kinds still ends with the run', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      const following = collect(store.events.follow({ run, kinds: ['process.started'] }, NEVER))
      await store.record([stage(run, 'a'), started(run)])
      await store.record([started(run), finished(run), started(run)])
      expect((await following).map((event) => event.seq)).toEqual([2, 3])
    })

    test('a reader that starts after the end gets the remaining events and does not wait', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      await store.record([finished(run), stage(run, 'later')])
      expect((await collect(store.events.follow({ run, after: 1 }, NEVER))).map((event) => event.seq)).toEqual([2])
      expect(await collect(store.events.follow({ run, after: 2 }, NEVER))).toEqual([])
      expect(await collect(store.events.follow({ run, after: 99 }, NEVER))).toEqual([])
      expect((await collect(store.events.follow({ run }, NEVER))).map((event) => event.seq)).toEqual([1])
    })

    test('ends when its signal aborts, while waiting or before the start', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const stop = new AbortController()
      const { promise: one, resolve } = Promise.withResolvers<Event>()
      const following = (async () => {
        for await (const event of store.events.follow({ run: null }, stop.signal)) resolve(event)
      })()
      await store.record([stage(null, 'a')])
      expect((await one).body).toEqual({ stage: 'a' })
      stop.abort()
      await following
      expect(await collect(store.events.follow({ run: null }, stop.signal))).toEqual([])
    })

    test('fails when the store is closed, so that a truncated record never looks like the end of a run', async () => {
      await using folder = await freshFolder()
      const store = await open(folder.path)
      const following = collect(store.events.follow({ run: anId() }, NEVER))
      await new Promise((later) => setTimeout(later, 10))
      const failing = expect(following).rejects.toMatchObject({ code: 'closed' })
      await store[Symbol.asyncDispose]()
      await failing
    })

    test('never gives an event that is rolled back', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      const following = collect(store.events.follow({ run }, NEVER))
      await store
        .transact(async (tx) => {
          await tx.record([stage(run, 'undone')])
          await new Promise((later) => setTimeout(later, 10))
          throw new Error('undo')
        })
        .catch(() => {})
      await store.record([finished(run)])
      expect((await following).map((event) => event.kind)).toEqual(['run.finished'])
    })
  })

  describe('events.summary()', () => {
    test('is all zero for a run without events', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      expect(await store.events.summary(aRun().id)).toEqual({
        events: 0,
        processes: 0,
        filesRead: 0,
        filesWritten: 0,
        requests: 0,
        denied: 0,
      })
    })

    test('counts paths by their bytes: equal bytes once, similar-looking paths twice', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      const event = files(run, ['/a', '{"base64":"/w=="}'])
      if (event.kind === 'file.accessed') event.body.read.push({ base64: '/w==' }, { base64: '/w==' })
      await store.record([event, files(run, ['/a'], ['/a'])])
      expect(await store.events.summary(run)).toMatchObject({ filesRead: 3, filesWritten: 1 })
    })

    test('always equals a count over the whole record', { timeout: 30_000 }, async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const path = fc.constantFrom(...Array.from({ length: 200 }, (_, index) => `/p/${index}`))
      const event = fc.oneof(
        fc.constant((run: string) => stage(run, 's')),
        fc.constantFrom('exec' as const, 'fork' as const).map((origin) => (run: string) => started(run, origin)),
        fc.boolean().map((allowed) => (run: string) => decided(run, allowed)),
        fc.constant(requested),
        fc.tuple(fc.array(path, { maxLength: 150 }), fc.array(path)).map(
          ([read, written]) =>
            (run: string) =>
              files(run, read, written),
        ),
      )
      const calls = fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(calls, async (made) => {
          const [run, other] = [anId(), anId()]
          const given = made.map((call) => call.map((make, index) => make(index % 3 === 0 ? other : run)))
          // Some events share a transaction, some have their own: no event may be counted twice.
          const half = Math.ceil(given.length / 2)
          await Promise.all(given.slice(0, half).map((events) => store.record(events)))
          for (const events of given.slice(half)) await store.record(events)
          for (const id of [run, other]) expect(await store.events.summary(id)).toEqual(await countedAnew(store, id))
        }),
        { numRuns: 30 },
      )
    })
  })
})

async function countedAnew(store: Store, run: string) {
  const events: NewEvent[] = [...(await store.events.list({ run }))]
  const ofKind = (kind: NewEvent['kind']) => events.filter((event) => event.kind === kind).length
  const paths = (list: 'read' | 'written') =>
    new Set(
      events
        .flatMap((event) => (event.kind === 'file.accessed' ? event.body[list] : []))
        .map((path) => Buffer.from(bytesOf(path)).toString('hex')),
    ).size
  return {
    events: events.length,
    processes: ofKind('process.started'),
    filesRead: paths('read'),
    filesWritten: paths('written'),
    requests: ofKind('net.requested'),
    denied: events.filter((event) => event.kind === 'policy.decided' && !event.body.allowed).length,
  }
}
