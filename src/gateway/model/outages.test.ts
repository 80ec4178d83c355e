import { describe, expect, test } from 'vitest'
import { createOutages } from './outages.ts'

function watched(most = 3) {
  const clock = { now: 0 }
  const outages = createOutages(most, () => clock.now)
  outages.watch('fix')
  return {
    outages,
    /** One that begins when the one before it is over. */
    miss(connection = 'main') {
      const startedAt = clock.now
      clock.now += 10
      return outages.missed(connection, { startedAt, why: `Nobody at ${startedAt}.` })
    },
    clock,
  }
}

describe('a step', () => {
  test('gives up a provider that gave no answer so many times in a row, and says which and why', () => {
    const { outages, miss } = watched()
    expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
    const words = 'Nobody at 20. The connection main gave no answer 3 times in a row: the step `fix` asks it no more.'
    expect([miss(), outages.reason('main')]).toEqual([words, words])
  })

  test('forgets what it missed when the provider answers', () => {
    const { outages, miss } = watched()
    expect([miss(), miss()]).toEqual([null, null])
    outages.answered('main')
    expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
    expect(miss()).toContain('3 times in a row')
    // A call that was under way got through after all.
    outages.answered('main')
    expect(outages.reason('main')).toBeNull()
  })

  test('counts calls that were under way together as one', () => {
    const { outages } = watched(2)
    for (let times = 0; times < 5; times++)
      expect(outages.missed('main', { startedAt: times === 0 ? 0 : -1, why: 'Nobody.' })).toBeNull()
  })

  test('does not give up one connection for the other', () => {
    const { outages, miss } = watched(2)
    expect([miss('main'), miss('spare'), miss('main')]).toEqual([null, null, expect.stringContaining('main gave')])
    expect(outages.reason('spare')).toBeNull()
  })

  test('begins from nothing, and late calls of the one before it are not its own', () => {
    const { outages, miss, clock } = watched(2)
    expect([miss(), miss()]).toEqual([null, expect.any(String)])
    outages.watch('again')
    expect(outages.reason('main')).toBeNull()
    const early = { startedAt: clock.now - 1, why: 'Nobody.' }
    expect([outages.missed('main', early), outages.missed('main', early)]).toEqual([null, null])
    expect([miss(), miss()]).toEqual([null, expect.stringContaining('the step `again`')])
  })
})

test('between steps nobody gives up', () => {
  const { outages, miss } = watched(1)
  outages.watch(null)
  expect([miss(), miss(), outages.reason('main')]).toEqual([null, null, null])
})
