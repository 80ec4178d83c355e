import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { releaseLock, takeLock } from '../src/lock.js'

test('a lock that is released is gone', () => {
  const folder = join(tmpdir(), 'released.lock')
  takeLock(folder)
  releaseLock(folder)
  assert.equal(existsSync(folder), false)
})

test('a lock that is taken is there', () => {
  const folder = join(tmpdir(), 'taken.lock')
  takeLock(folder)
  assert.equal(existsSync(folder), true)
})
