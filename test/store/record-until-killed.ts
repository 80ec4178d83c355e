// A process that records and prints each acknowledgement, until it is killed or the disk is full.
// argv: data folder, run. Lines: `event ID SEQ`, `blob DIGEST`, `failed CODE`, `exit`.
import { writeSync } from 'node:fs'
import type { Store } from '../../src/store/types.ts'
import { open, stage } from './sample-records.ts'

const [folder = '', run = ''] = process.argv.slice(2)
await using store = await open(folder)
await Promise.all([recordLoop(store), recordLoop(store), recordLoop(store), countLoop(store), blobLoop(store)])
say('exit')

async function recordLoop(to: Store): Promise<void> {
  await untilItFails(async () => {
    for (const event of await to.record([stage(run, 'x'.repeat(500)), stage(run, 'y')]))
      say(`event ${event.id} ${event.seq}`)
  })
}

/** A mutation and its event in one transaction: after a crash both exist or neither. */
async function countLoop(to: Store): Promise<void> {
  await untilItFails(async () => {
    await to.transact(async (tx) => {
      const count = Number((await tx.runs.get(run))?.inputs.count)
      await tx.runs.update(run, { inputs: { count: String(count + 1) } })
      await tx.record([stage(run, 'counted')])
    })
  })
}

async function blobLoop(to: Store): Promise<void> {
  let count = 0
  await untilItFails(async () => {
    const bytes = new TextEncoder().encode(`${process.pid} ${count++} `.repeat(1000))
    say(`blob ${(await to.blobs.put(bytes)).digest}`)
  }, 400)
}

async function untilItFails(step: () => Promise<void>, atMost = 50_000): Promise<void> {
  try {
    for (let turn = 0; turn < atMost; turn++) await step()
  } catch (error) {
    say(`failed ${(error as { code?: string }).code ?? String(error)}`)
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`)
}
