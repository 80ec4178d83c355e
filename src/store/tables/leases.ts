// Who may do something that one process at a time may do, by the name of it. A lease ends by itself, and its generation
// tells a holder that was too slow from the next one. Times are milliseconds since the epoch.
import type { Kysely } from 'kysely'
import type { LeaseRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

export interface LeaseKey {
  name: string
  /** Counts from 1; each holder of the name has a greater one. */
  generation: number
}

export interface Lease extends LeaseKey {
  holder: string
  expiresAt: number
}

export interface LeaseReads {
  /** The last lease of this name, whether it has ended or not; null: nobody ever had one. */
  get(name: string): Promise<Lease | null>
}

export interface LeaseWrites {
  /** null: another holder's lease has not ended. */
  take(name: string, holder: string, now: number, leaseMs: number): Promise<LeaseKey | null>
  /** A lease from now on. StoreError `fenced` when another has it. */
  renew(key: LeaseKey, now: number, leaseMs: number): Promise<void>
  /** Ends the lease at once. StoreError `fenced` when another has it. */
  release(key: LeaseKey): Promise<void>
}

export const leases = { reads, writes }

function reads(db: Kysely<Schema>): LeaseReads {
  return {
    async get(name) {
      const row = await db.selectFrom('leases').selectAll().where('name', '=', name).executeTakeFirst()
      return row ? fromRow(row) : null
    },
  }
}

function writes(db: Kysely<Schema>): LeaseWrites {
  async function setEnd({ name, generation }: LeaseKey, expires_at: number): Promise<void> {
    const { numUpdatedRows } = await db
      .updateTable('leases')
      .set({ expires_at })
      .where('name', '=', name)
      .where('generation', '=', generation)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) throw new StoreError('fenced', `lease ${generation} of ${name} is not the current one`)
  }

  return {
    async take(name, holder, now, leaseMs) {
      const lease = { holder, expires_at: now + leaseMs }
      const row = await db
        .insertInto('leases')
        .values({ name, generation: 1, ...lease })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((field) => ({ ...lease, generation: field('leases.generation', '+', 1) }))
            .where('leases.expires_at', '<=', now),
        )
        .returning('generation')
        .executeTakeFirst()
      return row ? { name, generation: row.generation } : null
    },
    renew: (key, now, leaseMs) => setEnd(key, now + leaseMs),
    release: (key) => setEnd(key, 0),
  }
}

function fromRow({ name, holder, generation, expires_at }: LeaseRow): Lease {
  return { name, holder, generation, expiresAt: expires_at }
}
