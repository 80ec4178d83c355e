// Host uids for sandboxes. As root, Glovebox gives every run its own uid, so that two sandboxes share nothing on the
// host.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxError } from '../types.ts'
import { processesOfUid } from './process-table.ts'

export interface UidRange {
  first: number
  last: number
}

/** Range above those that distributions use for people, services and the first subordinate ids. */
export const DEFAULT_UIDS: UidRange = { first: 700_000, last: 765_535 }

export interface HostUid {
  uid: number
  /** The lock file that keeps every other Glovebox on this machine from using the uid. */
  lock: string
}

const ATTEMPTS = 256

/**
 * Takes a uid that no other live run, no subordinate id range and no process of this machine uses. The lock is a file
 * created with O_EXCL in a folder that only root can write. reap() removes a lock that a crash left; it is never taken
 * over, because two takers could both believe that they won.
 */
export function takeUid(range: UidRange, folder: string, run: string): HostUid {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const size = range.last - range.first + 1
  const taken = subordinateRanges()
  const start = Math.floor(Math.random() * size)
  for (let attempt = 0; attempt < Math.min(ATTEMPTS, size); attempt++) {
    const uid = range.first + ((start + attempt * STRIDE) % size)
    if (taken.some(({ first, last }) => uid >= first && uid <= last)) continue
    const lock = join(folder, String(uid))
    if (!createLock(lock, run)) continue
    if (processesOfUid(uid).length === 0) return { uid, lock }
    rmSync(lock)
  }
  throw new SandboxError('no-free-uid', `no free user id between ${range.first} and ${range.last} for the sandbox`)
}

/** Releases a uid, unless its lock names another run by now. */
export function releaseUid(lock: string, run: string): void {
  try {
    if (readFileSync(lock, 'utf8') === run) rmSync(lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

// A stride, because neighbours of a busy uid are often busy, too. Coprime to the size of any likely range.
const STRIDE = 7919

function createLock(path: string, run: string): boolean {
  try {
    writeFileSync(path, run, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Ranges of subuid(5), under which rootless containers of this machine's people run. */
function subordinateRanges(): UidRange[] {
  return readOptional('/etc/subuid')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([, first, count]) => ({ first: Number(first), last: Number(first) + Number(count) - 1 }))
    .filter(({ first, last }) => Number.isInteger(first) && Number.isInteger(last))
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
