// What each attempt of a run was settled to do. The plan itself is a blob.
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { Digest } from '../../domain/events/fields.ts'
import { ID_PATTERN } from '../../domain/ids.ts'
import type { PlanRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

export const Plan = z.object({
  run: z.string().regex(ID_PATTERN),
  /** From 1. */
  attempt: z.int().positive(),
  /** Of the blob. */
  digest: Digest,
  bytes: z.int().nonnegative(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
})
export type Plan = z.infer<typeof Plan>

export interface PlanReads {
  /** The plan of an attempt; of the last one that has a plan where none is named. */
  get(run: string, attempt?: number): Promise<Plan | null>
}

export interface PlanWrites {
  /**
   * Settles what an attempt does, and names the plan in its run. StoreError `not-found` when there is no such run;
   * `conflict` when it is at another attempt, or this one has a plan.
   */
  insert(plan: Plan): Promise<void>
}

export const plans = { reads, writes }

function reads(db: Kysely<Schema>): PlanReads {
  return {
    async get(run, attempt) {
      let query = db.selectFrom('plans').selectAll().where('run', '=', run)
      if (attempt !== undefined) query = query.where('attempt', '=', attempt)
      const row = await query.orderBy('attempt', 'desc').limit(1).executeTakeFirst()
      return row ? fromRow(row) : null
    },
  }
}

function writes(db: Kysely<Schema>): PlanWrites {
  return {
    async insert(given) {
      const plan = Plan.safeParse(given)
      if (!plan.success) throw new StoreError('invalid', `plan of ${given.run}: ${plan.error.message}`)
      const { run, attempt, digest, bytes, createdAt } = plan.data
      const { numUpdatedRows } = await db
        .updateTable('runs')
        .set({ plan: digest })
        .where('id', '=', run)
        .where('attempt', '=', attempt)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw await noSuchAttempt(db, run, attempt)
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('plans')
        .values({ run, attempt, digest, bytes, created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n)
        throw new StoreError('conflict', `attempt ${attempt} of run ${run} has a plan already`)
    },
  }
}

async function noSuchAttempt(db: Kysely<Schema>, run: string, attempt: number): Promise<StoreError> {
  const row = await db.selectFrom('runs').select('attempt').where('id', '=', run).executeTakeFirst()
  return row
    ? new StoreError('conflict', `run ${run} is at attempt ${row.attempt}, not ${attempt}`)
    : new StoreError('not-found', `there is no run ${run}`)
}

function fromRow({ run, attempt, digest, bytes, created_at }: PlanRow): Plan {
  return Plan.parse({ run, attempt, digest, bytes, createdAt: created_at })
}
