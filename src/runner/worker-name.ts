// Names of workers. From a name, a later process on the same machine can tell whether the worker's process has ended.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * `host/boot/pid/start/random`. A pid may be reused, but not together with its start time within one boot of one
 * machine.
 */
export function nameWorker(): string {
  const start = startOf(process.pid)
  return [hostname(), bootId(), process.pid, start, randomBytes(4).toString('hex')].join('/')
}

/**
 * Whether the worker's process has ended; false for workers of other machines, whose processes are not visible here.
 */
export function workerIsGone(name: string): boolean {
  const [host, boot, pid, start] = name.split('/')
  if (host !== hostname()) return false
  return boot !== bootId() || startOf(Number(pid)) !== start
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/** Start time in clock ticks since boot (proc(5), field 22 of stat); null when there is no such process. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything, brackets and spaces included.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch (error) {
    // Any other error, such as ENFILE, tells nothing about the worker, whose runs must not be taken for over.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
