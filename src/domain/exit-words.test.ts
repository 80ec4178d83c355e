import { expect, test } from 'vitest'
import { exitWords } from './exit-words.ts'

test.each([
  [{ code: 0, signal: null }, 'exited with 0'],
  [{ code: 1, signal: null }, 'exited with 1'],
  [{ code: 127, signal: null }, 'exited with 127 (a command was not found)'],
  [{ code: 137, signal: null }, 'exited with 137 (a command of it was ended by SIGKILL)'],
  [{ code: 200, signal: null }, 'exited with 200'],
  [{ code: null, signal: 9 }, 'was ended by SIGKILL'],
  [{ code: null, signal: 40 }, 'was ended by signal 40'],
  [{ code: null, signal: null }, 'did not exit'],
])('says how a command ended: %o', (end, words) => {
  expect(exitWords(end)).toBe(words)
})
