import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits `ms`. Resolves with false when the signal was aborted, and the poller must stop. Does not keep the process
 * alive.
 */
export async function awake(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined)
  return !signal.aborted
}
