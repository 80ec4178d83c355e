// Numbers without a gap, from 1. Whoever takes some keeps all others from the same sequence until its transaction ends, so
// that the order of the numbers is the order of the commits.
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** Returns the first of `count` numbers. With 0: the one that is next. */
export async function takeNumbers(db: Kysely<Schema>, name: string, count: number): Promise<number> {
  // Written out, as every call of record() waits for it: putting it together would take longer than running it.
  const { rows } = await sql<{ last: number }>`insert into sequences (name, last) values (${name}, ${count})
    on conflict (name) do update set last = sequences.last + excluded.last returning last`.execute(db)
  return (rows[0] as { last: number }).last - count + 1
}

/** The last number that was taken, 0 before the first. */
export async function lastNumber(db: Kysely<Schema>, name: string): Promise<number> {
  const row = await db.selectFrom('sequences').select('last').where('name', '=', name).executeTakeFirst()
  return row?.last ?? 0
}
