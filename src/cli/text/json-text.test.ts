import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText } from './json-text.ts'

test('prints one line with the same value and without terminal control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = jsonText({ text })
      expect(json).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u200b-\u200f\u2060-\u206f]/u)
      expect(JSON.parse(json)).toEqual({ text })
    }),
  )
})

test('escapes tag characters outside the basic plane as surrogate pairs', () => {
  expect(jsonText('\u{e0041}')).toBe(String.raw`"\udb40\udc41"`)
})
