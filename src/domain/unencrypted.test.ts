import { expect, test } from 'vitest'
import type { SecretSource } from './connections/secret-source.ts'
import { isUnencrypted } from './unencrypted.ts'

const NONE: SecretSource = { from: 'none' }

test.each([
  ['https://models.example.com', false],
  ['http://models.example.com', true],
  ['HTTP://MODELS.example.com', true],
  ['http://10.0.0.7:8000/v1', true],
  ['http://127.0.0.1:11434', false],
  ['http://127.8.8.8', false],
  ['http://0x7f.1', false],
  ['http://localhost:8000', false],
  ['http://[::1]:8000', false],
  ['http://[::]:8000', true],
  ['http://localhost.example.com', true],
  ['http://127.0.0.1.example.com', true],
])('%s: %s', (url, expected) => {
  expect(isUnencrypted({ url, credential: NONE })).toBe(expected)
})

test('a key that is read from a Vault without TLS counts as unencrypted', () => {
  const credential = (address: string): SecretSource => ({
    ...{ from: 'vault', address, mount: 'secret', path: 'p', field: 'key' },
    token: { from: 'file', path: '/run/token' },
  })
  const url = 'https://models.example.com'
  expect(isUnencrypted({ url, credential: credential('http://vault.corp.example:8200') })).toBe(true)
  expect(isUnencrypted({ url, credential: credential('https://vault.corp.example:8200') })).toBe(false)
})
