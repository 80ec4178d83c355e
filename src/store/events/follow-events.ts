import type { Kysely } from 'kysely'
import type { Event, LogEntry } from '../../domain/event.ts'
import { INSTANCE } from '../schema.ts'
import type { Schema } from '../schema.ts'
import type { EventQuery, LogQuery } from '../types.ts'
import { follow } from './follow.ts'
import type { FollowedPage } from './follow.ts'
import { finishedAt, listEvents } from './list-events.ts'
import { listLog, logHead } from './log.ts'
import { lastNumber } from './sequences.ts'
import { LOG } from './wake-ups.ts'
import type { WakeUps } from './wake-ups.ts'

const PAGE = 500

/** Follows the events of one run, or of the instance, in sequence order. */
export function followEvents(
  reader: Kysely<Schema>,
  wakeUps: WakeUps,
  query: Omit<EventQuery, 'limit'>,
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  const { after = 0 } = query
  const run = query.run ?? INSTANCE

  async function read(cursor: number): Promise<FollowedPage<Event>> {
    const upTo = await lastNumber(reader, run)
    const known = query.run === null ? null : await finishedAt(reader, run)
    const page = await listEvents(reader, { ...query, after: cursor, limit: PAGE })
    // run.finished may have been recorded between the two queries.
    const end = known ?? (query.run === null ? null : finishIn(page))
    const full = page.length === PAGE
    if (end === null || after >= end) return pageOf(page, { full, upTo, over: end !== null && !full })
    // Events after the end of a run (a decision on its change) are shown only to readers whose cursor is past the end.
    const shown = page.filter((event) => event.seq <= end)
    return pageOf(shown, { full, upTo, over: page.some((event) => event.seq >= end) || (!full && upTo >= end) })
  }

  return follow(wakeUps, run, after, read, signal)
}

/** Follows the log of the instance, in the order of positions. */
export function followLog(
  reader: Kysely<Schema>,
  wakeUps: WakeUps,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogEntry, void, undefined> {
  async function read(cursor: number): Promise<FollowedPage<LogEntry>> {
    const upTo = await logHead(reader)
    const page = await listLog(reader, { ...query, after: cursor, limit: PAGE })
    const items = page.map((entry) => ({ at: entry.position, value: entry }))
    return { items, full: page.length === PAGE, upTo, over: false }
  }
  return follow(wakeUps, LOG, query.after ?? 0, read, signal)
}

function pageOf(events: readonly Event[], more: Omit<FollowedPage<Event>, 'items'>): FollowedPage<Event> {
  return { items: events.map((event) => ({ at: event.seq, value: event })), ...more }
}

function finishIn(page: readonly Event[]): number | null {
  return page.find((event) => event.kind === 'run.finished')?.seq ?? null
}
