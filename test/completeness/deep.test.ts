// Where the kernel can't tell a path any more, the record must at least say that something is missing.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGround, PROGRAMS } from './ground.ts'
import type { Ground } from './ground.ts'
import { recordIt } from './record-it.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
}, 300_000)
afterAll(() => ground[Symbol.asyncDispose]())

/** 30 folders of 200 bytes, a file created, read, renamed, linked and removed at the bottom: each is one access or two. */
const ACCESSES = { created: 32, written: 1, read: 1, renamed: 1, removed: 1 }

// Finding: below 4,096 bytes of path everything is passed over, and coverage says that the record is complete.
test.fails('what is done too deep for the kernel to tell its path is listed, or counted as missing', async () => {
  const { account, omitted, coverage, code } = await recordIt(ground, { argv: [`${PROGRAMS}/deep`] })
  expect(code).toBe(0)
  const lists = Object.keys(ACCESSES) as (keyof typeof ACCESSES)[]
  const listed = lists.reduce((sum, list) => sum + account[list].size, 0)
  const wanted = Object.values(ACCESSES).reduce((sum, count) => sum + count, 0)
  expect(listed + omitted + coverage.dropped).toBeGreaterThanOrEqual(wanted)
})

test('a program that is executed there is on the record; what could not be read of it is counted', async () => {
  const { account, coverage, code } = await recordIt(ground, { argv: [`${PROGRAMS}/deep`, 'execute'] })
  expect(code).toBe(0)
  expect(account.programs.at(-1)).toMatchObject({ argv: ['echo', 'from below'], executable: '/usr/bin/echo' })
  expect(coverage.complete).toBe(coverage.dropped === 0)
})
