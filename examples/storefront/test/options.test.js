import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from '../src/options.js'

test('defaults', () => {
  assert.deepEqual(readOptions([]), { port: 8080, currency: 'EUR', debug: false })
})

test('flags, long and short', () => {
  assert.deepEqual(readOptions(['-p', '0', '--currency', 'CHF', '--debug']), { port: 0, currency: 'CHF', debug: true })
})

test('a port that is none', () => {
  assert.throws(() => readOptions(['--port', 'http']), /--port/)
})
