// Numbers without a gap, from 1. Whoever takes some keeps all others from the same sequence until its transaction ends, so
// that the order of the numbers is the order of the commits.
import type { Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** Returns the first of `count` numbers. With 0: the one that is next. */
export async function takeNumbers(db: Kysely<Schema>, name: string, count: number): Promise<number> {
  const { last } = await db
    .insertInto('sequences')
    .values({ name, last: count })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((field) => ({ last: field('sequences.last', '+', count) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return last - count + 1
}

/** The last number that was taken, 0 before the first. */
export async function lastNumber(db: Kysely<Schema>, name: string): Promise<number> {
  const row = await db.selectFrom('sequences').select('last').where('name', '=', name).executeTakeFirst()
  return row?.last ?? 0
}
