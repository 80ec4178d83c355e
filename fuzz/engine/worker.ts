// A target in a separate thread, so that an input that never ends or uses up the memory can be named.
import { parentPort, workerData } from 'node:worker_threads'
import { loadTarget } from '../load-target.ts'
import { startCoverage } from './coverage.ts'
import { explore, Finding, type Explored } from './explore.ts'

export interface Assignment {
  name: string
  covers: readonly string[]
  seconds: number
  seed: number
  /** Number of executions, length of the current input, and its bytes. */
  current: SharedArrayBuffer
}

export type Report =
  | ({ kind: 'explored'; coverage: number } & Explored)
  | { kind: 'found'; input: Uint8Array; why: string; coverage: number }

const MOST_MS = 2000

async function work({ name, covers, seconds, seed, current }: Assignment): Promise<Report> {
  const coverage = startCoverage(covers)
  const target = await loadTarget(name)
  const head = new Int32Array(current, 0, 2)
  const bytes = new Uint8Array(current, 8)
  const end = performance.now() + seconds * 1000
  try {
    const explored = await explore(target, {
      coverage,
      seed,
      mostMs: MOST_MS,
      witness: { inputs: 32, every: 10_000 },
      goesOn: () => performance.now() < end,
      begin(input) {
        bytes.set(input.length > bytes.length ? input.subarray(0, bytes.length) : input)
        head[1] = Math.min(input.length, bytes.length)
        head[0] = (head[0] as number) + 1
      },
    })
    return { kind: 'explored', coverage: coverage.share(), ...explored }
  } catch (error) {
    if (!(error instanceof Finding)) throw error
    return { kind: 'found', input: error.input, why: stackOf(error), coverage: coverage.share() }
  } finally {
    coverage.stop()
  }
}

function stackOf({ cause }: Finding): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(await work(workerData as Assignment))
