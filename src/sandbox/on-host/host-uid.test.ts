import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { releaseUid, takeUid } from './host-uid.ts'
import { removeTree } from './remove-tree.ts'

const RANGE = { first: 830_000, last: 830_003 }
let locks: string

beforeEach(() => {
  locks = mkdtempSync(join(tmpdir(), 'glovebox-uids-'))
})
afterEach(() => removeTree(locks))

test('no two runs get the same uid, and a start fails when all uids are taken', () => {
  const uids = ['a', 'b', 'c', 'd'].map((run) => takeUid(RANGE, locks, run).uid)
  expect(uids.toSorted()).toEqual([830_000, 830_001, 830_002, 830_003])
  expect(() => takeUid(RANGE, locks, 'e')).toThrow('no free user id')
})

test('does not give out an unlocked uid that a process uses', () => {
  const own = process.getuid!()
  expect(() => takeUid({ first: own, last: own }, locks, 'a')).toThrow('no free user id')
  expect(readdirSync(locks)).toEqual([])
})

test('does not release a lock that another run holds by now', () => {
  const { lock } = takeUid(RANGE, locks, 'a')
  writeFileSync(lock, 'b')
  releaseUid(lock, 'a')
  expect(readdirSync(locks)).toHaveLength(1)
  releaseUid(lock, 'b')
  releaseUid(lock, 'b')
  expect(readdirSync(locks)).toHaveLength(0)
})
