import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import { countTraces } from '../projections/traces.ts'
import { countModelUsage } from '../projections/model-usage.ts'
import { insertChunks } from '../rows/insert-chunks.ts'
import type { PreparedEvent } from './prepare-event.ts'
import { INSTANCE } from '../schema.ts'
import type { EventRow, Schema } from '../schema.ts'

/** Gives events their place and writes them. Inside a transaction, which no other writer's can overlap. */
export async function appendEvents(db: Kysely<Schema>, prepared: readonly PreparedEvent[]): Promise<Event[]> {
  const rows = await place(db, prepared)
  for (const chunk of insertChunks(rows)) await db.insertInto('events').values(chunk).execute()
  const events = prepared.map(({ event }) => event)
  await countTraces(db, events)
  await countModelUsage(db, events)
  // What the caller gets is what a reader will get, not what went in.
  return rows.map((row) => JSON.parse(row.leaf) as Event)
}

async function place(db: Kysely<Schema>, prepared: readonly PreparedEvent[]): Promise<EventRow[]> {
  const lastSeq = new Map<string, number>()
  let position = await lastPosition(db)
  const rows: EventRow[] = []
  for (const { event, head, tail } of prepared) {
    const { id, kind, source, time } = event
    const run = event.run ?? INSTANCE
    const seq = (lastSeq.get(run) ?? (await headOf(db, run))) + 1
    lastSeq.set(run, seq)
    position += 1
    rows.push({ position, run, seq, id, kind, source, time, leaf: `${head}${seq}${tail}` })
  }
  return rows
}

async function lastPosition(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((select) => select.fn.max('position').as('last'))
    .executeTakeFirst()
  return row?.last ?? 0
}

/** The greatest sequence number of a run, 0 before the first. */
export async function headOf(db: Kysely<Schema>, run: string): Promise<number> {
  const query = db
    .selectFrom('events')
    .select((select) => select.fn.max('seq').as('last'))
    .where('run', '=', run)
  return (await query.executeTakeFirst())?.last ?? 0
}
