import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findWords, SearchBudget } from './find-words.ts'

const find = (script: string, command: string) => findWords(script, command, new SearchBudget())

test.each([
  ['cd x && npm test; echo', 'npm test', { start: 8, end: 16 }],
  ['false; ls', 'ls', { start: 7, end: 9 }],
  ['false', 'ls', null],
  ['./run.sh', 'run.sh', null],
  ['lsls ls', 'ls', { start: 5, end: 7 }],
  ['a a a b', 'a a b', { start: 2, end: 7 }],
  ['npm test', '', null],
  ['npm', 'npm test', null],
])('in %j, finds %j at %j', (script, command, place) => {
  expect(find(script, command)).toEqual(place)
})

test('finds the same place as a naive search', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-'), maxLength: 30 })
  const isWord = (before?: string, after?: string) => /^[\w./-]{2}$/.test(`${before ?? ' '}${after ?? ' '}`)
  fc.assert(
    fc.property(text, text, (script, command) => {
      const starts = Array.from(script, (_, at) => at).filter(
        (at) =>
          script.startsWith(command, at) &&
          !isWord(script[at - 1], command[0]) &&
          !isWord(command.at(-1), script[at + command.length]),
      )
      const expected = command === '' || starts[0] === undefined ? null : starts[0]
      const found = find(script, command)
      expect(found === null || found === 'over' ? found : found.start).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})

test('takes linear time on a text that nearly matches everywhere', () => {
  const begun = process.cpuUsage()
  expect(find('a'.repeat(1_000_000), 'a'.repeat(400_000))).toEqual(null)
  expect(find('a '.repeat(500_000), `${'a '.repeat(200_000)}b`)).toBeNull()
  // Comparing at every place would take minutes.
  expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(10)
})

test('does not search beyond the budget, and says so', () => {
  const budget = new SearchBudget(100)
  expect(findWords('x'.repeat(60), 'y', budget)).toBeNull()
  expect(findWords('x'.repeat(60), 'y', budget)).toBe('over')
})
