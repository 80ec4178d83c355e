// The record against an independent witness: the same workload under strace, in the same box, without the guest.
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openGround } from './ground.ts'
import type { Ground } from './ground.ts'
import { measure } from './measure.ts'
import { listedWorkloads, PAGE } from './page.ts'
import type { Workload } from './workload.ts'
import { WORKLOADS } from './workloads/all.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
}, 300_000)
afterAll(() => ground[Symbol.asyncDispose]())

async function holds(workload: Workload): Promise<void> {
  const measured = await measure(ground, workload)
  expect(measured.codes, measured.output.join('\n')).toEqual([0, 0])
  expect(measured.differences).toEqual([])
  expect(measured).toMatchObject({ dropped: 0, omitted: 0, complete: true, lacking: [] })
}

test.each(WORKLOADS.filter(({ finding }) => finding === undefined))(
  '$name: the record holds the programs and the files that strace saw, and nothing else',
  holds,
  300_000,
)

// These workloads have a known difference. Once it is fixed, this test fails, and the finding must be removed.
test.each(WORKLOADS.filter(({ finding }) => finding !== undefined))(
  '$name: known to differ: $finding',
  async (workload) => {
    const measured = await measure(ground, workload)
    expect(measured.codes, measured.output.join('\n')).toEqual([0, 0])
    expect(measured.lacking).toEqual([])
    expect(measured.differences, 'mended: take the finding out of the workload').not.toEqual([])
  },
  300_000,
)

const YAMA = '/proc/sys/kernel/yama/ptrace_scope'

// The test must not change this setting of the machine. If it is 1 or more, all tests above ran under it.
const scope = existsSync(YAMA) ? readFileSync(YAMA, 'utf8').trim() : null
const why = scope === null ? ' (skipped: this kernel has no Yama)' : scope === '0' ? ' (skipped: it is off here)' : ''
test.skipIf(scope === null || scope === '0')(
  `the record is complete even if Yama restricts ptrace (ptrace_scope 1 or more)${why}`,
  async () => {
    for (const name of ['outlives-its-parent', '10-level-tree', 'undumpable', 'exec-by-another-thread']) {
      await holds(WORKLOADS.find((workload) => workload.name === name) as Workload)
    }
  },
  300_000,
)

test('the page lists all measured workloads', () => {
  expect(listedWorkloads(readFileSync(PAGE, 'utf8'))).toEqual(WORKLOADS.map(({ name }) => name))
})
