import { expect, test } from 'vitest'
import { BoundedOutput } from './bounded-output.ts'

function textOf(chunks: readonly string[], limit: number): string {
  const output = new BoundedOutput(limit)
  for (const chunk of chunks) output.add(Buffer.from(chunk))
  return output.text()
}

test('keeps short output whole, however it is split into chunks', () => {
  expect(textOf([], 4)).toBe('')
  expect(textOf(['abcdefgh'], 4)).toBe('abcdefgh')
  expect(textOf([...'abcdefgh'], 4)).toBe('abcdefgh')
  expect(textOf(['é'], 1)).toBe('é')
})

test('keeps both ends of long output and counts the bytes left out', () => {
  expect(textOf(['abcdefghi'], 4)).toBe('abcd\n[1 bytes left out]\nfghi')
  expect(textOf([...'abcdefghijklm'], 4)).toBe('abcd\n[5 bytes left out]\njklm')
  expect(textOf(['ab', 'cdefghijklmnop', 'q', ''], 4)).toBe('abcd\n[9 bytes left out]\nnopq')
})

test('drops colours and replaces other non-text bytes with a replacement character', () => {
  expect(textOf(['\u001b[31mred\u001b[0m\ttab\u0000\u0007\r\n'], 100)).toBe('red\ttab\u{fffd}\u{fffd}\r\n')
  const output = new BoundedOutput(10)
  output.add(Buffer.from([0xff, 0x41]))
  expect(output.text()).toBe('\u{fffd}A')
})
