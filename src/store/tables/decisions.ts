// People's decisions on changes, in order. Rows are never updated or deleted.
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
  /** The decisions on a change, oldest first. */
  list(change: string): Promise<readonly Decision[]>
}

export interface DecisionWrites {
  /** StoreError `not-found` if the change does not exist. Locks the change until the transaction ends. */
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
      // The change counts its decisions. The count is the number of this decision, and an update of the change's state
      // can name it to prove that no decision was made meanwhile.
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
