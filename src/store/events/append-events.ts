import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import { PROJECTIONS } from '../projections/all.ts'
import { insertChunks } from '../rows/insert-chunks.ts'
import { INSTANCE } from '../schema.ts'
import type { EventRow, Schema, UnplacedRow } from '../schema.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { takeNumbers } from './sequences.ts'

type Unplaced = Omit<UnplacedRow, 'ticket'>

/**
 * Writes events, each with the next sequence number of its run, and updates the projections. Their positions in the log
 * of the instance are assigned after the commit (sequencer.ts), so that writers of different runs don't wait for each
 * other.
 */
export async function appendEvents(db: Kysely<Schema>, prepared: readonly PreparedEvent[]): Promise<Event[]> {
  const rows = await numbered(db, prepared)
  for (const chunk of insertChunks(rows)) await db.insertInto('events').values(chunk).execute()
  for (const chunk of insertChunks(ranges(rows))) await insertUnplaced(db, chunk)
  // Parsed from the leaf: the caller gets exactly the events that a reader will get.
  const events = rows.map((row) => JSON.parse(row.leaf) as Event)
  for (const projection of PROJECTIONS) await projection.apply(db, events)
  return events
}

async function numbered(db: Kysely<Schema>, prepared: readonly PreparedEvent[]): Promise<EventRow[]> {
  const byRun = Map.groupBy(prepared, ({ event }) => event.run ?? INSTANCE)
  const next = new Map<string, number>()
  // Always in the same order, against deadlock: two transactions could each wait for a run that the other one holds.
  for (const run of [...byRun.keys()].toSorted()) next.set(run, await takeNumbers(db, run, byRun.get(run)!.length))
  return prepared.map(({ event, head, tail }) => {
    const { id, kind, source, time } = event
    const run = event.run ?? INSTANCE
    const seq = next.get(run) as number
    next.set(run, seq + 1)
    return { run, seq, id, kind, source, time, leaf: `${head}${seq}${tail}` }
  })
}

/** Raw SQL for speed, as in takeNumbers(). */
async function insertUnplaced(db: Kysely<Schema>, rows: readonly Unplaced[]): Promise<void> {
  const values = rows.map(({ run, seq, count }) => sql`(${run}, ${seq}, ${count})`)
  await sql`insert into unplaced (run, seq, count) values ${sql.join(values)}`.execute(db)
}

/** One row for each range of consecutive events of one run. */
function ranges(rows: readonly EventRow[]): Unplaced[] {
  const found: Unplaced[] = []
  for (const { run, seq } of rows) {
    const last = found.at(-1)
    if (last?.run === run) last.count += 1
    else found.push({ run, seq, count: 1 })
  }
  return found
}
