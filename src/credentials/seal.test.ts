import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { masterKey } from './master-key.ts'
import { seal, unseal } from './seal.ts'
import { SecretText } from './secret-text.ts'

const KEY = masterKey(randomBytes(32))
const SECRET = new SecretText('sk-live-4f9a')

test('a sealed secret opens with its name and key, and sealing it twice gives unrelated bytes', () => {
  const [first, second] = [seal(KEY, 'openai', SECRET), seal(KEY, 'openai', SECRET)]
  expect(unseal(KEY, 'openai', first).reveal()).toBe('sk-live-4f9a')
  expect(first.nonce).not.toBe(second.nonce)
  expect(first.sealed).not.toBe(second.sealed)
})

test('detects every changed or missing bit', () => {
  const sealed = seal(KEY, 'openai', SECRET)
  const bytes = Buffer.from(sealed.sealed, 'base64')
  const nonce = Buffer.from(sealed.nonce, 'base64')
  const flipped = (of: Buffer, bit: number): string => {
    const copy = Buffer.from(of)
    copy[bit >> 3]! ^= 1 << (bit & 7)
    return copy.toString('base64')
  }
  const altered = [
    ...Array.from({ length: bytes.length * 8 }, (_, bit) => ({ ...sealed, sealed: flipped(bytes, bit) })),
    ...Array.from({ length: nonce.length * 8 }, (_, bit) => ({ ...sealed, nonce: flipped(nonce, bit) })),
    ...Array.from({ length: bytes.length }, (_, end) => ({ ...sealed, sealed: bytes.toString('base64', 0, end) })),
    { ...sealed, nonce: '' },
  ]
  for (const row of altered) {
    expect(() => unseal(KEY, 'openai', row)).toThrow(expect.objectContaining({ code: 'altered' }))
  }
})

test('a row does not open with another name or another key', () => {
  const sealed = seal(KEY, 'openai', SECRET)
  expect(() => unseal(KEY, 'anthropic', sealed)).toThrow(/not what was stored under that name/)
  expect(() => unseal(masterKey(randomBytes(32)), 'openai', sealed)).toThrow(/not what was stored/)
})
