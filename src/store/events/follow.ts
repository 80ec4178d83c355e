import { setImmediate } from 'node:timers/promises'
import { StoreError } from '../store-error.ts'
import { Bell } from './wake-ups.ts'
import type { WakeUps } from './wake-ups.ts'

/** One page of items after a cursor. */
export interface FollowedPage<T> {
  /** `at`: the item's own cursor. */
  items: readonly { at: number; value: T }[]
  /** Whether more items may be readable right away. */
  full: boolean
  /** Everything up to this cursor was examined, including items that the query filters out. */
  upTo: number
  /** Whether this is the last page for ever. */
  over: boolean
}

/**
 * Backfill, cutover and live stream with one cursor. (1) Listen for commits before reading anything, so that no commit
 * falls between reading and listening. (2) Backfill: read pages after the cursor until a page is short. Then move the
 * cursor to the head as it was before that page was read. (3) Live: sleep until a commit is announced, or until a
 * timeout, since other processes don't announce their commits; then read as in (2). Items always come from the store,
 * never from the announcement: no item is given twice or out of order, and a slow consumer costs no memory.
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
