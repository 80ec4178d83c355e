// Supervisor of a target's thread: waits for its result, or stops it when it makes no progress.
import { Worker } from 'node:worker_threads'
import type { Target } from '../target.ts'
import type { Assignment, Report } from './worker.ts'

const MOST_INPUT = 1 << 20
/**
 * Most growth of the process. Far below V8's own limit, which would end the process before the input could be named.
 */
const MOST_MEMORY_MB = 1024
const V8_MEMORY_MB = 4096
/** Longest time without an execution, in ms. An execution takes microseconds; the rest is for a busy machine. */
const SILENCE_MS = 30_000

export async function fuzzInThread(
  target: Target,
  options: { seconds: number; seed: number; signal: AbortSignal },
): Promise<Report & { executions: number }> {
  const current = new SharedArrayBuffer(8 + MOST_INPUT)
  const head = new Int32Array(current, 0, 2)
  const assignment: Assignment = {
    name: target.name,
    covers: target.covers,
    seconds: options.seconds,
    seed: options.seed,
    current,
  }
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: V8_MEMORY_MB },
  })
  const stuck = watch(head)
  const stop = () => void worker.terminate()
  options.signal.addEventListener('abort', stop, { once: true })
  const lost = (why: string): Report => ({
    kind: 'found',
    input: new Uint8Array(current, 8, head[1]).slice(),
    why,
    coverage: 0,
  })
  try {
    const report = await Promise.race([
      new Promise<Report>((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
        worker.once('exit', () => reject(options.signal.reason ?? new Error(`${target.name} ended without a result`)))
      }),
      stuck.promise.then(lost),
    ])
    return { ...report, executions: report.kind === 'explored' ? report.executions : (head[0] ?? 0) }
  } finally {
    stuck.stop()
    options.signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

/** Resolves with a reason once the count has not changed for SILENCE_MS or the memory is used up. */
function watch(head: Int32Array): { promise: Promise<string>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<string>()
  let [count, since] = [0, performance.now()]
  const before = process.memoryUsage.rss()
  const timer = setInterval(() => {
    if (process.memoryUsage.rss() - before > MOST_MEMORY_MB << 20)
      resolve(`it took more than ${MOST_MEMORY_MB} MiB of memory`)
    if (head[0] !== count) [count, since] = [head[0] ?? 0, performance.now()]
    else if (performance.now() - since > SILENCE_MS) resolve(`it did not end within ${SILENCE_MS / 1000} s`)
  }, 100)
  return { promise, stop: () => clearInterval(timer) }
}
