// Floods of actions. The limits of the sandbox and backpressure bound them, and no action is lost silently.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GuestReport } from '../../src/sandbox/types.ts'
import { isInOrder } from '../guest/read-reports.ts'
import { fileFlood, forkFlood } from './floods.ts'
import { openGround, PROGRAMS } from './ground.ts'
import type { Ground } from './ground.ts'
import { inRealBox } from './record-it.ts'
import { recordedAccount } from './recorded-account.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
}, 300_000)
afterAll(() => ground[Symbol.asyncDispose]())

test('lists each access of a process that opens 200,000 files', async () => {
  const { done, listed, omitted, dropped } = await fileFlood(ground, 200_000)
  expect({ listed, omitted, dropped }).toEqual({ listed: done, omitted: 0, dropped: 0 })
}, 900_000)

test('a process that forks without a pause up to the limit has every child recorded', async () => {
  const { done, listed, dropped } = await forkFlood(ground, 10_000)
  expect({ listed, dropped }).toEqual({ listed: done, dropped: 0 })
}, 900_000)

test('a process that never stops forking ends with its step, and the record is complete until then', async () => {
  const reports: GuestReport[] = []
  const enough = new AbortController()
  const take = (batch: readonly GuestReport[]) => {
    reports.push(...batch)
    if (reports.length > 5000) enough.abort()
  }
  const argv = [`${PROGRAMS}/flood`, 'endless']
  const { coverage, code } = await inRealBox(ground, { argv }, take, enough.signal)
  expect(code).toBeNull()
  expect(coverage).toMatchObject({ dropped: 0, complete: true })
  expect(isInOrder(reports)).toBe(true)
}, 300_000)

test('the sandbox waits while nobody reads its reports, and then nothing is missing', async () => {
  const programs = 5000
  const script = `i=0; while [ $i -lt ${programs} ]; do /bin/true $i; i=$((i + 1)); echo $i > progress; done`
  const reports: GuestReport[] = []
  let workspace = ''
  let progressWhileHeld: number | null = null
  const seed = (folder: string) => void (workspace = folder)
  const take = async (batch: readonly GuestReport[]) => {
    reports.push(...batch)
    progressWhileHeld ??= await standstill(() => readFileSync(join(workspace, 'progress'), 'utf8'))
  }
  const { coverage } = await inRealBox(ground, { argv: ['/bin/sh', '-c', script], seed }, take)
  expect(progressWhileHeld).toBeLessThan(programs)
  expect(recordedAccount(reports).account.programs).toHaveLength(programs + 1)
  expect(coverage).toMatchObject({ dropped: 0, complete: true })
}, 300_000)

/** Reads a value until it has stayed the same for so many reads that the sandbox must be waiting. */
async function standstill(read: () => string): Promise<number> {
  let [last, same] = ['', 0]
  while (same < 50) {
    await sleep(20)
    const now = attempt(read)
    same = now === last && now !== '' ? same + 1 : 0
    last = now
  }
  return Number(last)
}

function attempt(read: () => string): string {
  try {
    return read()
  } catch {
    return '' // the file does not exist yet
  }
}
