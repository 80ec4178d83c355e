import { setTimeout as sleep } from 'node:timers/promises'
import { isFrozen } from './freezer.ts'
import { statesOf } from './process-table.ts'
import type { ProcessIdentity } from './process-table.ts'

export interface WatchRecorderOptions {
  guest: ProcessIdentity
  /** Asked where the guest's cgroups can't be seen from here. */
  isPaused: () => Promise<boolean>
  /** Called once, with what was seen. The watch is over then. */
  onStopped: (detail: string) => void
  signal: AbortSignal
}

const POLL_MS = 250

/** As /proc/PID/stat has them. proc_pid_stat(5) */
const STOPPED: Readonly<Record<string, string>> = {
  T: 'was stopped by a signal from outside the sandbox',
  t: 'was stopped by a tracer from outside the sandbox',
}

/**
 * A guest that is stopped breaks no link: it just says nothing more, and everything in its box waits for it. Nobody
 * inside can do that to it, so that somebody outside did. The kernel's own word for its state is looked at, not the
 * clock: a guest that is merely slow, on however busy a machine, is never taken for a stopped one.
 */
export async function watchRecorder({ guest, isPaused, onStopped, signal }: WatchRecorderOptions): Promise<void> {
  let wasFrozen = false
  for (;;) {
    await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    const how = statesOf(guest).find((state) => state in STOPPED)
    if (how !== undefined) return onStopped(`the guest ${STOPPED[how]}`)
    // Seen twice: engines freeze a container for a moment while they change its settings.
    const frozen = isFrozen(guest.pid) ?? (await isPaused())
    if (signal.aborted) return
    if (frozen && wasFrozen) return onStopped('the guest was frozen from outside the sandbox')
    wasFrozen = frozen
  }
}
