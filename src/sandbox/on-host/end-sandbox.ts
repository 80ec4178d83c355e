import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SandboxError } from '../types.ts'
import { awake } from './awake.ts'
import { leaveFreezer } from './freezer.ts'
import { killCgroup, processesOfCgroup, removeCgroup } from './read-cgroup.ts'
import { releaseUid } from './host-uid.ts'
import { identify, isAlive, processesOfUid } from './process-table.ts'
import type { ProcessIdentity } from './process-table.ts'
import { removeTree } from './remove-tree.ts'
import type { SandboxRecord } from './sandbox-record.ts'

const POLL_MS = 5
const RETRY_MS = 100
const DEADLINE_MS = 15_000

/**
 * Ends every process of a sandbox, then removes its cgroups, folder and uid lock, in this order: the uid becomes free
 * for another run only when no process or file carries it. Rejects with `not-ended` when a process survives, and then
 * leaves everything in place.
 */
export async function endSandbox(directory: string, record: SandboxRecord): Promise<void> {
  await until(() => killSandbox(record) === 0, `processes of run ${record.run} do not end`)
  for (const cgroup of ownCgroups(record)) await until(() => removeCgroup(cgroup), `${cgroup} can't be removed`)
  await removeTree(directory)
  if (record.uidLock !== null) releaseUid(record.uidLock, record.run)
}

/** Sends SIGKILL to the remaining processes of a sandbox and returns their number. */
export function killSandbox(record: SandboxRecord): number {
  ownCgroups(record).forEach(killCgroup)
  const living = residents(record)
  for (const { pid } of living) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  leaveFreezer(living.map(({ pid }) => pid))
  return living.length
}

/** The processes of a sandbox. Without its own uid and cgroup only the outermost process and PID 1 are known. */
export function residents(record: SandboxRecord): ProcessIdentity[] {
  const recorded = record.processes.filter(isAlive)
  const grouped = ownCgroups(record)
    .flatMap(processesOfCgroup)
    .map(identify)
    .filter((process) => process !== null)
  const byUid = record.uidLock === null ? [] : processesOfUid(record.hostUid)
  return [...recorded, ...grouped, ...byUid].filter(({ pid }) => pid > 1 && pid !== process.pid)
}

/** Cgroups of the record that Glovebox created for this run. Any other cgroup in the record is ignored. */
function ownCgroups(record: SandboxRecord): string[] {
  return record.cgroups.filter((path) => join(dirname(path), `glovebox-${record.run}`) === path)
}

/** Tries again after an error, too, because this machine may only for a moment have no more files to open. */
async function until(done: () => boolean, complaint: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    let failure: Error | null = null
    try {
      if (done()) return
    } catch (error) {
      failure = error as Error
    }
    if (performance.now() > deadline)
      throw new SandboxError('not-ended', failure === null ? complaint : `${complaint}: ${failure.message}`)
    await sleep(POLL_MS)
  }
}

/**
 * Kills a sandbox, and tries again while that fails. Never rejects. Stops when the signal aborts: whoever ends the
 * sandbox then reports what it can't end.
 */
export async function killUntilDone(kill: () => void, signal: AbortSignal): Promise<void> {
  do {
    try {
      return kill()
    } catch {
      // Said by the end of the sandbox, which kills again and waits.
    }
  } while (await awake(RETRY_MS, signal))
}
