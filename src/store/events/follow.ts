import { setImmediate } from 'node:timers/promises'
import { StoreError } from '../store-error.ts'
import { Bell } from './wake-ups.ts'
import type { WakeUps } from './wake-ups.ts'

/** What is read after a cursor. */
export interface FollowedPage<T> {
  /** `at`: the cursor of an item. */
  items: readonly { at: number; value: T }[]
  /** Whether there may be more to read at once. */
  full: boolean
  /** All up to this cursor was looked at, also what the query leaves out. */
  upTo: number
  /** Nothing will follow. */
  over: boolean
}

/**
 * Backfill, cut over, live, with one cursor. (1) Listen for commits, before anything is read, so that none falls between
 * reading and listening. (2) Backfill: read pages after the cursor until one is short; the cursor then moves to the head
 * that was there before that page was read. (3) Live: sleep until a commit was announced, or for a while, as other
 * processes don't announce theirs; then read as in (2). Items always come from the store and never from the announcement,
 * so nothing is given twice or out of order, and a slow consumer costs no memory.
 */
export async function* follow<T>(
  wakeUps: WakeUps,
  topic: string,
  after: number,
  read: (cursor: number) => Promise<FollowedPage<T>>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  using bell = new Bell(wakeUps, topic, signal)
  let cursor = after
  while (!signal.aborted) {
    if (wakeUps.closed) throw new StoreError('closed', 'the store was closed while its events were followed')
    const page = await read(cursor)
    for (const { at, value } of page.items) {
      if (signal.aborted) return
      cursor = at
      yield value
    }
    if (page.over) return
    if (page.full) {
      await setImmediate()
      continue
    }
    cursor = Math.max(cursor, page.upTo)
    await bell.rung()
  }
}
