import { setTimeout as sleep } from 'node:timers/promises'

/** Waits; false when the signal was aborted, and whoever polls has to end. Keeps no process alive. */
export async function awake(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
  return !signal.aborted
}
