// The one log of the instance. An event is committed without a position in the log; a row of `unplaced` says that it
// waits for one. The row is visible only once its transaction has committed. So a transaction that is slow to commit
// gets a later position and leaves no gap, whatever numbers the database generated for it. Rows of one run become
// visible in their order, because transactions on one run wait for each other (sequences.ts).
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { LogEntry } from '../../domain/event.ts'
import { insertChunks } from '../rows/insert-chunks.ts'
import type { LogRow, Schema, UnplacedRow } from '../schema.ts'
import type { LogQuery } from '../types.ts'
import { eventFrom } from './list-events.ts'
import { lastNumber, takeNumbers } from './sequences.ts'

/** Name of the sequence of positions. No run id looks like this. */
const POSITIONS = 'log'

/** Most rows of `unplaced` that one transaction places. */
const BATCH = 4_000

/** Gives positions to waiting events; returns whether more may wait. Must run inside a transaction. */
export async function placeBatch(db: Kysely<Schema>): Promise<boolean> {
  // Takes the row lock first: a concurrent placer waits here and then sees only the remaining rows.
  const first = await takeNumbers(db, POSITIONS, 0)
  const taken = await db
    .deleteFrom('unplaced')
    .where('ticket', 'in', (select) => select.selectFrom('unplaced').select('ticket').orderBy('ticket').limit(BATCH))
    .returningAll()
    .execute()
  const rows = placed(taken, first)
  for (const chunk of insertChunks(rows)) await db.insertInto('log').values(chunk).execute()
  await takeNumbers(db, POSITIONS, sizeOf(rows))
  return taken.length === BATCH
}

/** Gives positions to all waiting events. Must run inside a transaction. */
export async function placeAll(db: Kysely<Schema>): Promise<void> {
  if (await anyUnplaced(db)) while (await placeBatch(db));
}

export async function anyUnplaced(db: Kysely<Schema>): Promise<boolean> {
  return (await db.selectFrom('unplaced').select('ticket').limit(1).executeTakeFirst()) !== undefined
}

export function logHead(db: Kysely<Schema>): Promise<number> {
  return lastNumber(db, POSITIONS)
}

/** Entries in the order of the log. */
export async function listLog(
  db: Kysely<Schema>,
  { after = 0, kinds, limit }: LogQuery & { limit: number },
): Promise<LogEntry[]> {
  if (kinds?.length === 0) return []
  // The row that contains position `after + 1` is the last one that begins at or before it.
  const start = sql<number>`coalesce((select max(position) from log where position <= ${after + 1}), 0)`
  const position = sql<number>`(log.position + events.seq - log.seq)`
  let query = db
    .selectFrom('log')
    .innerJoin('events', (join) =>
      join
        .onRef('events.run', '=', 'log.run')
        .onRef('events.seq', '>=', 'log.seq')
        .on('events.seq', '<', sql<number>`log.seq + log.count`),
    )
    .select(['events.run', 'events.seq', 'events.leaf', position.as('position')])
    .where('log.position', '>=', start)
    .where(position, '>', after)
  if (kinds) query = query.where('events.kind', 'in', [...kinds])
  const rows = await query.orderBy('log.position').orderBy('events.seq').limit(limit).execute()
  return rows.map((row) => ({ position: row.position, event: eventFrom(row) }))
}

/** The position of a run's event; null if the event has none yet or does not exist. */
export async function positionOf(db: Kysely<Schema>, run: string, seq: number): Promise<number | null> {
  const row = await db
    .selectFrom('log')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '<=', seq)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && seq < row.seq + row.count ? row.position + seq - row.seq : null
}

/** Rows of the log, in the order of the tickets. Consecutive events of one run share one row. */
function placed(taken: readonly UnplacedRow[], first: number): LogRow[] {
  const rows: LogRow[] = []
  let position = first
  for (const { run, seq, count } of taken.toSorted((a, b) => a.ticket - b.ticket)) {
    const last = rows.at(-1)
    if (last?.run === run && last.seq + last.count === seq) last.count += count
    else rows.push({ position, run, seq, count })
    position += count
  }
  return rows
}

function sizeOf(rows: readonly LogRow[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0)
}
