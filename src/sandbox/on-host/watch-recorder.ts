import { setTimeout as sleep } from 'node:timers/promises'
import { isFrozen } from './freezer.ts'
import { statesOf } from './process-table.ts'
import type { ProcessIdentity } from './process-table.ts'

export interface WatchRecorderOptions {
  guest: ProcessIdentity
  /** Asked when the guest's cgroups are not visible from here. */
  isPaused: () => Promise<boolean>
  /** Called once with a sentence about what happened; the watch then ends. */
  onStopped: (detail: string) => void
  signal: AbortSignal
}

const POLL_MS = 250

/** Thread states of /proc/PID/stat that mean stopped. See proc_pid_stat(5). */
const STOPPED: Readonly<Record<string, string>> = {
  T: 'was stopped by a signal from outside the sandbox',
  t: 'was stopped by a tracer from outside the sandbox',
}

/**
 * Watches whether the guest is stopped. A stopped guest keeps its link but reports nothing more, and every process in
 * its box waits for it. No process inside can stop it, so a process outside did. Reads the state from the kernel
 * instead of a timeout, so that a slow guest on a busy machine never counts as stopped. Rejects when the state can't be
 * read; the run must then end.
 */
export async function watchRecorder({ guest, isPaused, onStopped, signal }: WatchRecorderOptions): Promise<void> {
  let wasFrozen = false
  for (;;) {
    await sleep(POLL_MS, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    const how = statesOf(guest).find((state) => Object.hasOwn(STOPPED, state))
    if (how !== undefined) return onStopped(`the guest ${STOPPED[how]}`)
    // Requires two sightings, because engines freeze a container for a moment while they change its settings.
    const frozen = isFrozen(guest.pid) ?? (await isPaused())
    if (signal.aborted) return
    if (frozen && wasFrozen) return onStopped('the guest was frozen from outside the sandbox')
    wasFrozen = frozen
  }
}
