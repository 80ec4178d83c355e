import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { masterKey, parseMasterKey } from './master-key.ts'

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, index) => (index * 37 + 251) & 255))

test.each([
  ['base64', BYTES.toString('base64')],
  ['base64 with a line break', `${BYTES.toString('base64')}\n`],
  ['base64url', BYTES.toString('base64url')],
  ['hex', BYTES.toString('hex')],
  ['hex in capitals', BYTES.toString('hex').toUpperCase()],
])('a key is read as %s', (_, text) => {
  expect(parseMasterKey(text, 'X').id).toBe(masterKey(BYTES).id)
})

test.each([
  ['nothing', ''],
  ['31 bytes', BYTES.toString('base64', 1)],
  ['33 bytes', Buffer.concat([BYTES, Buffer.from('x')]).toString('base64')],
  ['a password', 'correct horse battery staple'],
  ['two alphabets at once', `${'+'.repeat(20)}${'_'.repeat(23)}=`],
])('%s is no key; the error names the place and the cure, and repeats nothing', (_, text) => {
  const attempt = (): unknown => parseMasterKey(text, 'GLOVEBOX_MASTER_KEY')
  expect(attempt).toThrow(
    expect.objectContaining({
      code: 'bad-master-key',
      message: expect.stringMatching(/^GLOVEBOX_MASTER_KEY holds no key/),
      cure: expect.stringContaining('openssl rand -base64 32'),
    }),
  )
  if (text !== '') expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining(text) }))
})

test('a printed key shows its id and nothing else', () => {
  const key = masterKey(BYTES)
  const printed = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key)
  expect(key.id).toMatch(/^[0-9a-f]{16}$/)
  expect(printed).not.toContain(BYTES.toString('hex').slice(0, 16))
  expect(printed).not.toContain(BYTES.toString('base64').slice(0, 16))
})
