import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/domain/canonical.ts'
import { MAX_LEAF_BYTES } from '../../src/domain/event.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { anId, freshFolder, stage } from './sample-records.ts'
import { STORES } from './stores.ts'

describe.each(STORES)('$name', ({ open }) => {
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

    test('keeps the order of concurrent calls, and gives each call its own events', async () => {
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

    test('refuses an event with an invalid body, and not the calls beside it', async () => {
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

    test('accepts a leaf of 65,535 bytes and refuses a larger one with kind and size', async () => {
      await using folder = await freshFolder()
      await using store = await open(folder.path)
      const run = anId()
      const [small] = await store.record([stage(run, '')])
      // 16 digits are reserved for the sequence number; this run's first events use one.
      const room = MAX_LEAF_BYTES - Buffer.byteLength(canonicalJson(small)) - 15
      const two = 'é'.repeat(Math.floor(room / 2))
      await expect(store.record([stage(run, two)])).resolves.toHaveLength(1)
      await expect(store.record([stage(run, `${two}éé`)])).rejects.toMatchObject({
        name: 'RecordError',
        code: 'too-large',
        message: expect.stringMatching(/^stage\.started is 6553[6-9] bytes/),
      })
    })

    test('returns and lists the events that are on disk, also after the store is opened again', async () => {
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

    test('closing waits for earlier calls', async () => {
      await using folder = await freshFolder()
      const store = await open(folder.path)
      const recorded = store.record([stage(null, 'last words')])
      await store[Symbol.asyncDispose]()
      await expect(recorded).resolves.toHaveLength(1)
    })
  })

  describe('events.list()', () => {
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
  })
})
