import { describe, expect, test } from 'vitest'
import { createOutages } from './outages.ts'

function watched(most = 3) {
  const clock = { now: 0 }
  const outages = createOutages(most, () => clock.now)
  outages.watch('fix')
  return {
    outages,
    /** Records a call without an answer that began after the previous one ended. */
    miss(connection = 'main') {
      const startedAt = clock.now
      clock.now += 10
      return outages.missed(connection, { startedAt, why: `Nobody at ${startedAt}.` })
    },
    clock,
  }
}

describe('a step', () => {
  test('gives up a provider after the set number of calls without an answer, and names it and the reason', () => {
    const { outages, miss } = watched()
    expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
    const words =
      'Nobody at 20. The connection main gave no answer 3 times in a row, so Glovebox stops the calls of the step `fix` to it.'
    expect([miss(), outages.reason('main')]).toEqual([words, words])
  })

  test('resets the count when the provider answers', () => {
    const { outages, miss } = watched()
    expect([miss(), miss()]).toEqual([null, null])
    outages.answered('main')
    expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
    expect(miss()).toContain('3 times in a row')
    // A concurrent call got an answer after all.
    outages.answered('main')
    expect(outages.reason('main')).toBeNull()
  })

  test('counts concurrent calls once', () => {
    const { outages } = watched(2)
    for (let times = 0; times < 5; times++)
      expect(outages.missed('main', { startedAt: times === 0 ? 0 : -1, why: 'Nobody.' })).toBeNull()
  })

  test('counts each connection separately', () => {
    const { outages, miss } = watched(2)
    expect([miss('main'), miss('spare'), miss('main')]).toEqual([null, null, expect.stringContaining('main gave')])
    expect(outages.reason('spare')).toBeNull()
  })

  test('starts at zero and ignores late calls of the previous step', () => {
    const { outages, miss, clock } = watched(2)
    expect([miss(), miss()]).toEqual([null, expect.any(String)])
    outages.watch('again')
    expect(outages.reason('main')).toBeNull()
    const early = { startedAt: clock.now - 1, why: 'Nobody.' }
    expect([outages.missed('main', early), outages.missed('main', early)]).toEqual([null, null])
    expect([miss(), miss()]).toEqual([null, expect.stringContaining('the step `again`')])
  })
})

test('counts nothing between steps', () => {
  const { outages, miss } = watched(1)
  outages.watch(null)
  expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
})
