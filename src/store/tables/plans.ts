// The plan of each attempt of a run: a reference to a blob.
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
  /** Digest of the blob. */
  digest: Digest,
  bytes: z.int().nonnegative(),
  /** Milliseconds since the epoch. */
  createdAt: z.int(),
})
export type Plan = z.infer<typeof Plan>

export interface PlanReads {
  /** The plan of an attempt; by default of the last attempt that has a plan. */
  get(run: string, attempt?: number): Promise<Plan | null>
}

export interface PlanWrites {
  /**
   * Sets the plan of an attempt, also in its run. StoreError `not-found` if the run does not exist; `conflict` if the
   * run is at another attempt or this attempt has a plan.
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
