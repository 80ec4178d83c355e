// Named leases for work that only one process at a time may do. A lease expires by itself, and its generation is the
// fencing token against a holder that was too slow. Times are milliseconds since the epoch.
import type { Kysely } from 'kysely'
import type { LeaseRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

export interface LeaseKey {
  name: string
  /** Counts from 1 and grows with each holder of the name. */
  generation: number
}

export interface Lease extends LeaseKey {
  holder: string
  expiresAt: number
}

export interface LeaseReads {
  /** The last lease of this name, expired or not; null if the name was never leased. */
  get(name: string): Promise<Lease | null>
}

export interface LeaseWrites {
  /** Takes the lease; null if the current one has not expired. */
  take(name: string, holder: string, now: number, leaseMs: number): Promise<LeaseKey | null>
  /** Extends the lease to `now + leaseMs`. StoreError `fenced` if another holder has it. */
  renew(key: LeaseKey, now: number, leaseMs: number): Promise<void>
  /** Ends the lease at once. StoreError `fenced` if another holder has it. */
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
