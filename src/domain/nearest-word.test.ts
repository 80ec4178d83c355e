import { expect, test } from 'vitest'
import { nearestWord, suggestion } from './nearest-word.ts'

test.each([
  ['reponame', ['reports', 'reach'], null],
  ['cheks', ['checks', 'change'], 'checks'],
  ['rnu', ['run', 'env'], 'run'],
  ['Mode', ['mode'], 'mode'],
  ['x'.repeat(10_000), ['mode'], null],
  ['', ['if'], null],
])('the word nearest to %s among %j is %s', (word, known, near) => {
  expect(nearestWord(word, known)).toBe(near)
})

test('a suggestion without a near word lists the known words', () => {
  expect(suggestion('zzz', ['a-long-one', 'b'])).toBe('known: a-long-one, b')
  expect(suggestion('zzz', [])).toBe('known: none')
})
