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
  ['a control character', `${KEY}\u0000`, /no visible ASCII/],
  ['a control character in a second line', `${KEY}\n${KEY}\u0000`, /no visible ASCII/],
  ['an escape sequence', `${KEY}\u001b[2J`, /no visible ASCII/],
  ['letters that are no ASCII', `${KEY}é`, /no visible ASCII/],
  ['spaces around it', ` ${KEY}`, /begins or ends with a space/],
  ['a line break in front of it', `\n${KEY}`, /begins or ends with a space or a line break/],
  ['more than 16 KiB', 'x'.repeat(16 * 1024 + 1), /is over 16384 bytes/],
])('%s is refused, without repeating it', (_, text, expected) => {
  const attempt = (): unknown => secretText(text, 'stored', 'the value')
  expect(attempt).toThrow(expected)
  expect(attempt).toThrow(expect.objectContaining({ code: 'bad-secret', message: expect.not.stringContaining('sk-') }))
})

test('16 KiB are taken, and a space in the middle is', () => {
  expect(secretText('x'.repeat(16 * 1024), 'stored', 'it').reveal()).toHaveLength(16 * 1024)
  expect(secretText('Basic abc', 'stored', 'it').reveal()).toBe('Basic abc')
})

test.each([`${KEY}\n`, `${KEY}\r\n`, KEY])(
  'the line break at the end of what a program prints is not part of it',
  (text) => {
    expect(secretFromBytes(Buffer.from(text), 'command', 'it').reveal()).toBe(KEY)
  },
)

test('only one line break is', () => {
  expect(() => secretFromBytes(Buffer.from(`${KEY}\n\n`), 'command', 'it')).toThrow(/line break/)
})

test.each(['\n', '\r\n'])('a key of several lines is taken as it is', (end) => {
  const pem = ['-----BEGIN PRIVATE KEY-----', 'MC4CAQAwBQYDK2Vw', '', '\tindented', '-----END PRIVATE KEY-----'].join(
    end,
  )
  expect(secretFromBytes(Buffer.from(`${pem}${end}`), 'file', 'it').reveal()).toBe(pem)
})
