// Folders so deep that the kernel cannot give their path: the guest refuses every action that it could not name.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGround, PROGRAMS } from './ground.ts'
import type { Ground } from './ground.ts'
import { recordIt } from './record-it.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
}, 300_000)
afterAll(() => ground[Symbol.asyncDispose]())

test('refuses actions that are too deep to be named in the record, and misses none', async () => {
  const { account, omitted, coverage, code } = await recordIt(ground, { argv: [`${PROGRAMS}/deep`] })
  expect(code).not.toBe(0)
  expect([...account.created].length).toBeGreaterThan(15)
  expect({ omitted, dropped: coverage.dropped, complete: coverage.complete }).toEqual({
    omitted: 0,
    dropped: 0,
    complete: true,
  })
})

test('records a program that is executed there, and counts its unreadable parts', async () => {
  const { account, coverage, code } = await recordIt(ground, { argv: [`${PROGRAMS}/deep`, 'execute'] })
  expect(code).toBe(0)
  expect(account.programs.at(-1)).toMatchObject({ argv: ['echo', 'from below'], executable: '/usr/bin/echo' })
  expect(coverage.complete).toBe(coverage.dropped === 0)
})
