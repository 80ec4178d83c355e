// npm run completeness: the record against strace, workload by workload, and the floods at full size.
//   --write    also writes docs/completeness.md        NAME ...    only these workloads, and no floods
import { writeFileSync } from 'node:fs'
import { FILE_COUNT, FORK_COUNT, floods } from './floods.ts'
import { openGround } from './ground.ts'
import { measure } from './measure.ts'
import type { Measured } from './measure.ts'
import { floodTableOf, isSame, PAGE, pageOf, tableOf } from './page.ts'
import { WORKLOADS } from './workloads/all.ts'

const names = process.argv.slice(2).filter((argument) => argument !== '--write')
const chosen = names.length === 0 ? WORKLOADS : WORKLOADS.filter(({ name }) => names.includes(name))
await using ground = await openGround()

const measured: Measured[] = []
for (const workload of chosen) {
  process.stderr.write(`${workload.name}\n`)
  const one = await measure(ground, workload)
  measured.push(one)
  if (!isSame(one) && workload.finding === undefined) process.exitCode = 1
  if (!isSame(one)) console.error(JSON.stringify({ ...one, counts: undefined }, null, 2))
}
process.stdout.write(tableOf(measured))

if (names.length === 0) {
  process.stderr.write('floods\n')
  const flooded = await floods(ground, { files: FILE_COUNT, forks: FORK_COUNT })
  process.stdout.write(`\n${floodTableOf(flooded)}`)
  if (flooded.some(({ done, listed, omitted, dropped }) => dropped > 0 || omitted > 0 || listed !== done))
    process.exitCode = 1
  if (process.argv.includes('--write')) writeFileSync(PAGE, pageOf(measured, flooded))
}
