import { afterEach, expect, test, vi } from 'vitest'
import { ALONE, Sequencer } from './sequencer.ts'
import type { SequencerParts } from './sequencer.ts'

afterEach(() => vi.useRealTimers())

/** `batches`: the results of place(), in order; after the last one no event waits. */
function parts(batches: ('more' | 'done' | 'fails')[], also: Partial<SequencerParts> = {}) {
  const calls: string[] = []
  const given: SequencerParts = {
    waits: async () => batches.length > 0,
    async place() {
      const batch = batches.shift()
      calls.push(`place: ${batch}`)
      if (batch === 'fails') throw new Error('the disk is full')
      return batch === 'more'
    },
    placed: () => calls.push('placed'),
    leadership: ALONE,
    ...also,
  }
  return { sequencer: new Sequencer(given), calls }
}

test('places batch after batch until no event waits, and announces each batch', async () => {
  const { sequencer, calls } = parts(['more', 'more', 'done'])
  await sequencer.settle()
  expect(calls).toEqual(['place: more', 'placed', 'place: more', 'placed', 'place: done', 'placed'])
  await sequencer.settle()
  expect(calls).toHaveLength(6)
})

test('gathers commits for a while, and places them together', async () => {
  vi.useFakeTimers()
  const { sequencer, calls } = parts(['done'])
  for (let commit = 0; commit < 20; commit++) sequencer.wake()
  expect(calls).toEqual([])
  await vi.advanceTimersByTimeAsync(50)
  expect(calls).toEqual(['place: done', 'placed'])
  expect(vi.getTimerCount()).toBe(0)
})

test('retries a failed batch by itself, and rejects settle() with the failure', async () => {
  vi.useFakeTimers()
  const { sequencer, calls } = parts(['fails', 'fails', 'done'])
  await expect(sequencer.settle()).rejects.toThrow('the disk is full')
  sequencer.wake()
  await vi.advanceTimersByTimeAsync(50)
  expect(calls).toEqual(['place: fails', 'place: fails'])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(calls).toEqual(['place: fails', 'place: fails', 'place: done', 'placed'])
})

test('places nothing while another process leads', async () => {
  const { sequencer, calls } = parts(['done'], { leadership: { leads: async () => false } })
  await sequencer.settle()
  expect(calls).toEqual([])
})

test('closing waits for the batch under way and stops later ones', async () => {
  vi.useFakeTimers()
  const slow = Promise.withResolvers<boolean>()
  const { sequencer, calls } = parts(['done'], { place: () => slow.promise })
  sequencer.wake()
  await vi.advanceTimersByTimeAsync(50)
  const closing = sequencer.close()
  sequencer.wake()
  expect(vi.getTimerCount()).toBe(0)
  slow.resolve(false)
  await closing
  expect(calls).toEqual(['placed'])
})
