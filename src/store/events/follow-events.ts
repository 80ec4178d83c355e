import { setImmediate } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import { headOf } from './append-events.ts'
import { finishedAt, listEvents } from './list-events.ts'
import { INSTANCE } from '../schema.ts'
import type { Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import type { EventQuery } from '../types.ts'
import type { WakeUps } from './wake-ups.ts'

const PAGE = 500

/**
 * Backfill, cut over, live, with one cursor. (1) Listen for commits, before anything is read, so that none falls between
 * reading and listening. (2) Backfill: read pages after the cursor until one is short; the cursor then moves to the head
 * that was there before that page was read. (3) Live: sleep until a commit was announced, then read as in (2). Events
 * always come from the store and never from the announcement, so nothing is given twice or out of order, and a slow
 * consumer costs no memory.
 */
export async function* followEvents(
  reader: Kysely<Schema>,
  wakeUps: WakeUps,
  query: Omit<EventQuery, 'limit'>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  const run = query.run ?? INSTANCE
  const bell = new Bell()
  const silence = wakeUps.listen(run, () => bell.ring())
  const onAbort = () => bell.ring()
  signal.addEventListener('abort', onAbort)
  try {
    const after = query.after ?? 0
    let cursor = after
    while (!signal.aborted) {
      if (wakeUps.closed) throw new StoreError('closed', 'the store was closed while its events were followed')
      const head = await headOf(reader, run)
      const end = query.run === null ? null : await finishedAt(reader, query.run)
      const page = await listEvents(reader, { ...query, after: cursor, limit: PAGE })
      for (const event of page) {
        if (signal.aborted) return
        // What is recorded about a run after its end (a decision on its change) is for those who start after the end.
        if (end !== null && after < end && event.seq > end) return
        cursor = event.seq
        yield event
        if (event.run !== null && event.kind === 'run.finished') return
      }
      if (page.length === PAGE) {
        await setImmediate()
        continue
      }
      cursor = Math.max(cursor, head)
      if (end !== null && cursor >= end) return
      await bell.rung()
    }
  } finally {
    silence()
    signal.removeEventListener('abort', onAbort)
  }
}

/** Remembers one ring, so that a ring while nobody waits is not missed. */
class Bell {
  #pending = false
  #wake: (() => void) | null = null

  ring(): void {
    this.#pending = true
    this.#wake?.()
  }

  async rung(): Promise<void> {
    if (!this.#pending) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#pending = false
    this.#wake = null
  }
}
