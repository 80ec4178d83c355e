// Gapless sequences from 1. Taking numbers locks the sequence until the transaction ends, so that the order of the
// numbers is the order of the commits.
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** Takes `count` numbers and returns the first one. With 0 it takes the lock and returns the next number. */
export async function takeNumbers(db: Kysely<Schema>, name: string, count: number): Promise<number> {
  // Raw SQL, since every call of record() waits for it: building the query would take longer than running it.
  const { rows } = await sql<{ last: number }>`insert into sequences (name, last) values (${name}, ${count})
    on conflict (name) do update set last = sequences.last + excluded.last returning last`.execute(db)
  return (rows[0] as { last: number }).last - count + 1
}

/** The last number taken; 0 if none was. */
export async function lastNumber(db: Kysely<Schema>, name: string): Promise<number> {
  const row = await db.selectFrom('sequences').select('last').where('name', '=', name).executeTakeFirst()
  return row?.last ?? 0
}
