import { describe, expect, test } from 'vitest'
import { createSecretFilter, needlesOf } from './secret-filter.ts'

const KEY = 'sk-ant/api03+A~b"c\\dEfGhIjKlMnOp'
const NEEDLES = needlesOf([secret(KEY)])

function secret(value: string) {
  return { reveal: () => value, toString: () => '[secret]', toJSON: () => '[secret]' }
}

function filtered(pieces: readonly string[], needles = NEEDLES): { text: string; replaced: number; passed: string[] } {
  const filter = createSecretFilter(needles)
  const passed = pieces.map((piece) => filter.push(Buffer.from(piece)).toString())
  const rest = filter.end().toString()
  return { text: passed.join('') + rest, replaced: filter.replaced, passed }
}

describe('a secret in an answer', () => {
  const forms: [string, string][] = [
    ['plain', KEY],
    ['in JSON', JSON.stringify(KEY)],
    ['in JSON that escapes slashes', JSON.stringify(KEY).replaceAll('/', '\\/')],
    ['percent-encoded', encodeURIComponent(KEY)],
    ['all percent', [...Buffer.from(KEY)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['in hexadecimal', Buffer.from(KEY).toString('hex')],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['in base64, one byte further', Buffer.from(`x${KEY}y`).toString('base64')],
    ['in base64, two bytes further', Buffer.from(`xx${KEY}zz`).toString('base64')],
    ['in base64url', Buffer.from(`Bearer ${KEY}`).toString('base64url')],
    ['in base64 of something long', Buffer.from(`${'q'.repeat(100)}${KEY}${'r'.repeat(50)}`).toString('base64')],
  ]
  test.each(forms)('%s is replaced by text of the same length', (_name, form) => {
    const { text, replaced } = filtered([`before ${form} after`])
    expect(replaced).toBeGreaterThan(0)
    expect(text).toHaveLength(`before ${form} after`.length)
    expect(text).toMatch(/^before .*\*{8,}.* after$/s)
    expect(Buffer.from(text.replaceAll(/[^A-Za-z0-9+/]/g, ''), 'base64').toString('latin1')).not.toContain(KEY)
    expect(text).not.toContain(form)
  })

  test.each(forms)('%s is found wherever it is split', (_name, form) => {
    const whole = `ab${form}cd${form}`
    const expected = filtered([whole]).text
    for (let at = 1; at < whole.length; at += 1)
      expect(filtered([whole.slice(0, at), whole.slice(at)]).text).toBe(expected)
    expect(filtered([...whole]).text).toBe(expected)
  })

  test('replaces the longer of two secrets that begin alike completely', () => {
    const needles = needlesOf([secret('abcdefgh'), secret('abcdefghijkl')])
    expect(filtered(['1 abcdefghijkl 2 abcdefgh 3'], needles).text).toBe('1 ************ 2 ******** 3')
  })
})

describe('a secret of several lines', () => {
  const lines = ['MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqV', 'TIm50DFtMDoQYM1+k/dVnqXcv0Zr1xQ5', 'x9==']
  const pem = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n')
  const needles = needlesOf([secret(pem)])

  test.each<[string, string]>([
    ['whole', pem],
    ['with other line breaks', pem.replaceAll('\n', '\r\n')],
    ['in JSON', JSON.stringify({ key: pem })],
    ['in JSON with other line breaks', JSON.stringify({ key: pem.replaceAll('\n', '\r\n') })],
    ['in JSON that escapes slashes', JSON.stringify(pem).replaceAll('/', '\\/')],
    ['indented, as YAML has it', `key: |\n${pem.replaceAll(/^/gm, '    ')}`],
    ['quoted line by line', pem.replaceAll(/^/gm, '> ')],
    ['without line breaks', lines.join('')],
    ['one line alone', lines[1] ?? ''],
    ['percent-encoded', encodeURIComponent(pem)],
    ['in base64', Buffer.from(pem).toString('base64')],
    ['in base64 with other line breaks', Buffer.from(`x${pem.replaceAll('\n', '\r\n')}`).toString('base64url')],
  ])('is taken out %s', (_name, form) => {
    const { text, replaced } = filtered([`before ${form} after`], needles)
    expect(replaced).toBeGreaterThan(0)
    expect(text).toHaveLength(`before ${form} after`.length)
    const decoded = Buffer.from(text.replaceAll(/[^A-Za-z0-9+/_-]/g, ''), 'base64').toString('latin1')
    for (const line of lines.slice(0, 2)) {
      for (const spelt of [line, line.replaceAll('/', '\\/'), encodeURIComponent(line)])
        expect(text).not.toContain(spelt)
      expect(decoded).not.toContain(line)
    }
  })

  test('leaves the boundaries of other keys alone', () => {
    const other = '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----'
    expect(filtered([other], needles)).toMatchObject({ text: other, replaced: 0 })
  })
})

test('finds a secret in the name of a header in any letter case', () => {
  const filter = createSecretFilter(needlesOf([secret('Sk-Abcdefgh')]))
  expect(filter.carries('x-ratelimit-sk-abcdefgh')).toBe(true)
  expect(filter.carries(`x-ratelimit-${Buffer.from('Sk-Abcdefgh').toString('hex')}`)).toBe(true)
  expect(filter.carries('x-ratelimit-remaining-tokens')).toBe(false)
  expect(createSecretFilter([]).carries('x-ratelimit-sk-abcdefgh')).toBe(false)
})

test('holds back only bytes with which a secret may begin', () => {
  const { passed } = filtered(['data: one\n\n', 'data: two\n\n', 'data: s', 'o\n\n'])
  expect(passed).toEqual(['data: one\n\n', 'data: two\n\n', 'data: ', 'so\n\n'])
})

test('ignores a secret that is too short to search for', () => {
  expect(filtered(['abc 1234567 def'], needlesOf([secret('1234567')]))).toMatchObject({ replaced: 0 })
})

test('copies nothing if the data has no secret', () => {
  const chunk = Buffer.from('abc')
  expect(createSecretFilter([]).push(chunk).buffer).toBe(chunk.buffer)
})
