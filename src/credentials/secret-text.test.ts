import { format, inspect } from 'node:util'
import { expect, test } from 'vitest'
import { SecretText, secretFromBytes, secretText } from './secret-text.ts'

const KEY = 'sk-live-4f9a'

test('a secret prints as [secret], however it is printed', () => {
  const secret = new SecretText(KEY)
  const printed = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ nested: [secret] }, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    new Error(`it is ${secret}`).message,
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredClone({ ...secret })),
  ].join('\n')
  expect(printed).not.toContain(KEY)
  expect(printed).toContain('[secret]')
  expect(secret.reveal()).toBe(KEY)
})

test.each([
  ['nothing', '', /is empty/],
  ['a control character', `${KEY}\u0000`, /other than visible ASCII/],
  ['a control character in a second line', `${KEY}\n${KEY}\u0000`, /other than visible ASCII/],
  ['an escape sequence', `${KEY}\u001b[2J`, /other than visible ASCII/],
  ['letters outside ASCII', `${KEY}é`, /other than visible ASCII/],
  ['spaces around it', ` ${KEY}`, /begins or ends with a space/],
  ['a line break in front of it', `\n${KEY}`, /begins or ends with a space or a line break/],
  ['more than 16 KiB', 'x'.repeat(16 * 1024 + 1), /is over 16384 bytes/],
])('%s is refused, without repeating it', (_, text, expected) => {
  const attempt = (): unknown => secretText(text, 'stored', 'the value')
  expect(attempt).toThrow(expected)
  expect(attempt).toThrow(expect.objectContaining({ code: 'bad-secret', message: expect.not.stringContaining('sk-') }))
})

test('accepts 16 KiB, and a space in the middle', () => {
  expect(secretText('x'.repeat(16 * 1024), 'stored', 'it').reveal()).toHaveLength(16 * 1024)
  expect(secretText('Basic abc', 'stored', 'it').reveal()).toBe('Basic abc')
})

test.each([`${KEY}\n`, `${KEY}\r\n`, KEY])('removes the line break at the end of the output of a program', (text) => {
  expect(secretFromBytes(Buffer.from(text), 'command', 'it').reveal()).toBe(KEY)
})

test('removes only one line break', () => {
  expect(() => secretFromBytes(Buffer.from(`${KEY}\n\n`), 'command', 'it')).toThrow(/line break/)
})

test.each(['\n', '\r\n'])('keeps a key of several lines unchanged', (end) => {
  const pem = ['-----BEGIN PRIVATE KEY-----', 'MC4CAQAwBQYDK2Vw', '', '\tindented', '-----END PRIVATE KEY-----'].join(
    end,
  )
  expect(secretFromBytes(Buffer.from(`${pem}${end}`), 'file', 'it').reveal()).toBe(pem)
})
