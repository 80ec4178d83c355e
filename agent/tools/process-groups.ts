// Commands run in process groups of their own, so that what they started can be ended with them.
import { setTimeout as sleep } from 'node:timers/promises'

const GRACE_MS = 2_000
const LOOK_MS = 20

/** Of those that are being ended: when that is done. */
const groups = new Map<number, Promise<void> | null>()

export function noteGroup(pid: number): void {
  groups.set(pid, null)
}

/** Forgets a group that is empty, because its number may be given to somebody else; true when something still runs. */
export function stillRuns(group: number): boolean {
  const alive = signal(group, 0)
  if (!alive) groups.delete(group)
  return alive
}

/** Asks first, so that programs can clean up, then kills. What left the group by `setsid` is the guest's to end. */
export async function endGroup(group: number): Promise<void> {
  if (!groups.has(group)) return
  const ending = groups.get(group) ?? end(group)
  if (groups.has(group)) groups.set(group, ending)
  await ending
}

async function end(group: number): Promise<void> {
  signal(group, 'SIGTERM')
  for (let waited = 0; waited < GRACE_MS && stillRuns(group); waited += LOOK_MS) await sleep(LOOK_MS)
  if (stillRuns(group)) signal(group, 'SIGKILL')
}

export async function endAllGroups(): Promise<void> {
  await Promise.all([...groups.keys()].map(endGroup))
}

function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, name)
  } catch {
    return false
  }
}
