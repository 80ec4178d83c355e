import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import { INSTANCE } from '../schema.ts'
import type { Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import type { EventQuery } from '../types.ts'

/** Events in sequence order; all of them if no limit is given. */
export async function listEvents(db: Kysely<Schema>, { run, after = 0, kinds, limit }: EventQuery): Promise<Event[]> {
  if (kinds?.length === 0) return []
  let query = db
    .selectFrom('events')
    .select(['run', 'seq', 'leaf'])
    .where('run', '=', run ?? INSTANCE)
    .where('seq', '>', after)
  if (kinds) query = query.where('kind', 'in', [...kinds])
  if (limit !== undefined) query = query.limit(limit)
  return (await query.orderBy('seq').execute()).map(eventFrom)
}

/** Seq of the event that closes a run's record, or null while it is open. */
export async function finishedAt(db: Kysely<Schema>, run: string): Promise<number | null> {
  const query = db.selectFrom('events').select('seq').where('run', '=', run).where('kind', '=', 'run.finished')
  return (await query.orderBy('seq').limit(1).executeTakeFirst())?.seq ?? null
}

// The ledger covers only the leaf. If the columns of a row contradict its leaf, the row was altered, and queries by
// those columns would give wrong results.
export function eventFrom(row: { run: string; seq: number; leaf: string }): Event {
  const event = JSON.parse(row.leaf) as Event
  if ((event.run ?? INSTANCE) !== row.run || event.seq !== row.seq) {
    throw new StoreError('corrupt', `event ${row.seq} of ${row.run || 'the instance'} does not match its own leaf`)
  }
  return event
}
