// Process groups: each command runs in its own, so that its child processes can be ended with it.
import { setTimeout as sleep } from 'node:timers/promises'

const GRACE_MS = 2_000
const LOOK_MS = 20

/** Known groups; the promise resolves when the group has been ended, null: it is not being ended. */
const groups = new Map<number, Promise<void> | null>()

export function noteGroup(pid: number): void {
  groups.set(pid, null)
}

/** Whether any process of the group runs. Forgets an empty group, since its number may be reused. */
export function stillRuns(group: number): boolean {
  const alive = signal(group, 0)
  if (!alive) groups.delete(group)
  return alive
}

/**
 * Sends SIGTERM, so that programs can clean up, then SIGKILL. The guest ends processes that left the group by `setsid`.
 */
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
