import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOf, byteText, printable, printableBlock } from './byte-text.ts'

test('any bytes survive a round trip through JSON', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(bytesOf(JSON.parse(JSON.stringify(byteText(bytes))))).toEqual(bytes)
    }),
  )
})

test('a name that looks like an escape stays as it is', () => {
  expect(byteText(new TextEncoder().encode('a\\xffb'))).toBe('a\\xffb')
  expect(byteText(Uint8Array.of(0x61, 0xff, 0x62))).toEqual({ base64: 'Yf9i' })
})

test.each([
  ['ANSI colour', '\u001b[31mred'],
  ['OSC 8 link', '\u001b]8;;http://evil\u0007click'],
  ['OSC 52 clipboard', '\u001b]52;c;aGk=\u0007'],
  ['C1 CSI', '\u009b31m'],
  ['bidi override', 'abc\u202Etxt.exe'],
  ['bidi isolate', '\u2066x\u2069'],
  ['newline', 'a\nb'],
  ['carriage return', 'good\rbad'],
  ['zero width', 'pass\u200bword'],
  ['Hangul filler', 'const \u3164 = 1'],
  ['half-width Hangul filler', '\uffa0'],
  ['variation selector', 'x\ufe0f\u{e0101}'],
  ['combining grapheme joiner', 'x\u034f'],
  ['soft hyphen', 'x\u00ad'],
  ['byte order mark', '\ufeffx'],
  ['Arabic letter mark', '\u061cx'],
  ['tag characters', 'x\u{E0041}'],
])('%s has no effect on a terminal', (_, text) => {
  expect(printable(text)).toMatch(/^[\x20-\x7e]*$/)
})

test('shows bytes that are not text as escapes', () => {
  expect(printable({ base64: 'Yf9iGw==' })).toBe('a\\xffb\\x1b')
})

test('a block keeps line feeds and tabs, and escapes all other control characters', () => {
  expect(printableBlock('a\n\tb\u001b[2J\r\n')).toBe('a\n\tb\\x1b[2J\\r\n')
})
