// What people decided on changes, in order. Rows are never changed or removed.
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { Decision } from '../../domain/change.ts'
import type { DecisionRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

export interface NewDecision extends Decision {
  /** Id of the change. */
  change: string
}

export interface DecisionReads {
  /** In the order in which they were made. */
  list(change: string): Promise<readonly Decision[]>
}

export interface DecisionWrites {
  /** StoreError `not-found` when there is no such change. Holds the change as it is until the transaction ends. */
  insert(decision: NewDecision): Promise<void>
}

export const decisions = { reads, writes }

const Valid = Decision.extend({ change: z.string() })

function reads(db: Kysely<Schema>): DecisionReads {
  return { list: async (change) => (await decisionsOf(db, [change])).get(change) ?? [] }
}

function writes(db: Kysely<Schema>): DecisionWrites {
  return {
    async insert(given) {
      const decision = Valid.safeParse(given)
      if (!decision.success) throw new StoreError('invalid', `decision on ${given.change}: ${decision.error.message}`)
      const { change, actor, reason, policies, ...same } = decision.data
      // The change counts its decisions: that is the number of this one, and whoever reads the change's decisions and
      // then changes its state can say that there was none meanwhile.
      const counted = await db
        .updateTable('changes')
        .set({ decided: sql<number>`decided + 1` })
        .where('id', '=', change)
        .returning('decided')
        .executeTakeFirst()
      if (!counted) throw new StoreError('not-found', `there is no change ${change}`)
      const row: DecisionRow = {
        change,
        seq: counted.decided,
        ...same,
        actor: JSON.stringify(actor),
        reason: reason === null ? null : JSON.stringify(reason),
        policies: JSON.stringify(policies),
      }
      await db.insertInto('decisions').values(row).execute()
    },
  }
}

/** The decisions on each of the changes. */
export async function decisionsOf(db: Kysely<Schema>, changes: readonly string[]): Promise<Map<string, Decision[]>> {
  if (changes.length === 0) return new Map()
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('change', 'in', [...changes])
    .orderBy('change')
    .orderBy('seq')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.change)
  return new Map([...grouped].map(([change, made]) => [change, made.map(fromRow)]))
}

function fromRow({ actor, decision, commit, reason, policies, time }: DecisionRow): Decision {
  return Decision.parse({
    actor: JSON.parse(actor),
    decision,
    commit,
    reason: reason === null ? null : JSON.parse(reason),
    policies: JSON.parse(policies),
    time,
  })
}
