// The attempts at changes: one row for each run that proposed a commit for a change or was asked to.
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { Attempt } from '../../domain/change.ts'
import type { AttemptRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

export interface NewAttempt extends Attempt {
  /** Id of the change. */
  change: string
}

export interface AttemptReads {
  /** The attempts at a change, oldest first. */
  list(change: string): Promise<readonly Attempt[]>
}

export interface AttemptWrites {
  /** StoreError `conflict` if the change has an attempt with this number, or the run belongs to an attempt. */
  insert(attempt: NewAttempt): Promise<void>
  /** Sets the commit that the run of an attempt proposed. StoreError `conflict` if it has one or does not exist. */
  propose(run: string, commit: string): Promise<void>
}

export const attempts = { reads, writes }

const Valid = Attempt.extend({ change: z.string() })

function reads(db: Kysely<Schema>): AttemptReads {
  return { list: async (change) => (await attemptsOf(db, [change])).get(change) ?? [] }
}

function writes(db: Kysely<Schema>): AttemptWrites {
  return {
    async insert(given) {
      const attempt = Valid.safeParse(given)
      if (!attempt.success) throw new StoreError('invalid', `attempt at ${given.change}: ${attempt.error.message}`)
      const { requester, createdAt, ...same } = attempt.data
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('attempts')
        .values({ ...same, requester: JSON.stringify(requester), created_at: createdAt })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows !== 1n)
        throw new StoreError('conflict', `change ${same.change} has an attempt ${same.number} or of run ${same.run}`)
    },
    async propose(run, commit) {
      const { numUpdatedRows } = await db
        .updateTable('attempts')
        .set({ commit })
        .where('run', '=', run)
        .where('commit', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) throw new StoreError('conflict', `run ${run} is not an attempt that may propose`)
    },
  }
}

/** The attempts at each of the changes. */
export async function attemptsOf(db: Kysely<Schema>, changes: readonly string[]): Promise<Map<string, Attempt[]>> {
  if (changes.length === 0) return new Map()
  const rows = await db
    .selectFrom('attempts')
    .selectAll()
    .where('change', 'in', [...changes])
    .orderBy('change')
    .orderBy('number')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.change)
  return new Map([...grouped].map(([change, made]) => [change, made.map(fromRow)]))
}

/** The change that a run belongs to; null if there is none. */
export async function changeOfRun(db: Kysely<Schema>, run: string): Promise<string | null> {
  const row = await db.selectFrom('attempts').select('change').where('run', '=', run).executeTakeFirst()
  return row?.change ?? null
}

function fromRow({ requester, created_at, ...same }: AttemptRow): Attempt {
  return Attempt.parse({ ...same, requester: JSON.parse(requester), createdAt: created_at })
}
