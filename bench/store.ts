// Durable events per second into the store: one call after the other, and many concurrent calls.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { NewEvent } from '../src/domain/event.ts'
import { newId } from '../src/domain/ids.ts'
import type { IdSource } from '../src/domain/ids.ts'
import { openStore } from '../src/store/open-store.ts'

const MACHINE: IdSource = { now: () => Date.now(), random: (bytes) => randomBytes(bytes) }

export interface StoreSpeed {
  sequentialPerSecond: number
  parallelPerSecond: number
}

/** `parent`: folder on the measured disk. Creates a folder there and removes it again. */
export async function measureStore(parent: string, { calls = 2_000, parallel = 50 } = {}): Promise<StoreSpeed> {
  const folder = await mkdtemp(join(parent, 'glovebox-bench-'))
  try {
    await using store = await openStore(folder, { ids: MACHINE })
    const event = processStarted(newId(MACHINE))
    const sequentialPerSecond = await perSecond(calls, async () => {
      for (let call = 0; call < calls; call++) await store.record([event])
    })
    const parallelPerSecond = await perSecond(calls * parallel, async () => {
      for (let turn = 0; turn < calls; turn++)
        await Promise.all(Array.from({ length: parallel }, () => store.record([event])))
    })
    return { sequentialPerSecond, parallelPerSecond }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return Math.round((count * 1000) / (performance.now() - start))
}

function processStarted(run: string): NewEvent {
  const argv = ['node', '/workspace/node_modules/.bin/tool', '--check', 'src/index.js']
  const body = {
    pid: 7,
    parent: 1,
    step: 0,
    origin: 'exec' as const,
    argv,
    argvOmitted: 0,
    cwd: '/workspace',
    executable: '/usr/bin/node',
    executableDigest: null,
  }
  return { run, source: 'kernel', actor: { id: `run:${run}` }, kind: 'process.started', body }
}
