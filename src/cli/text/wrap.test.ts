import { expect, test } from 'vitest'
import { wrapColumns } from './table.ts'
import { beforeCommand, visibleLength, wrapText, wrapWords } from './wrap.ts'

test('breaks text at spaces, keeps its own indent, and indents the lines that follow', () => {
  expect(wrapText('  one two three', 10, '    ')).toEqual(['  one two', '    three'])
  expect(wrapText('a-word-that-is-too-long here', 6)).toEqual(['a-word-that-is-too-long', 'here'])
  expect(wrapText('stays whole', Infinity)).toEqual(['stays whole'])
})

test('colours take no room', () => {
  const painted = '\u001b[1mone\u001b[22m two'
  expect(visibleLength(painted)).toBe(7)
  expect(wrapText(painted, 7)).toEqual([painted])
  expect(wrapWords('\u001b[1mFiles\u001b[22m: ', ['a', 'bbbb'], 10)).toEqual([
    '\u001b[1mFiles\u001b[22m: a,',
    '       bbbb',
  ])
})

test('a command that does not fit behind its words gets a line of its own, unbroken', () => {
  expect(beforeCommand('read it:', 'show x', 20)).toEqual(['read it: show x'])
  expect(beforeCommand('read it:', 'show x --data y', 20)).toEqual(['read it:', '  show x --data y'])
  expect(beforeCommand('  failed', 'output x', 30, ' · ')).toEqual(['  failed · output x'])
  expect(beforeCommand('  failed', 'output x', 12, ' · ')).toEqual(['  failed', '    output x'])
})

test('a long last column goes on below its start', () => {
  const rows = [
    ['met', 'a', 'short'],
    ['not met', 'bb', 'needs the approval of a person'],
  ]
  expect(wrapColumns(rows, 30)).toEqual([
    'met      a   short',
    'not met  bb  needs the',
    '             approval of a',
    '             person',
  ])
})
