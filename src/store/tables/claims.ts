// Claims of workers on runs. A claim is a lease that expires by itself, with a generation as fencing token against slow
// workers. Every operation is one compare-and-set statement, so that workers of several processes may compete. Times
// are milliseconds since the epoch; the clocks of several machines must differ by much less than a lease.
import type { Kysely } from 'kysely'
import type { RunStatus } from '../../domain/events/fields.ts'
import type { Run } from '../../domain/run.ts'
import type { ClaimRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { runs } from './runs.ts'

/** The fencing token that a worker writes with. */
export interface ClaimKey {
  /** Id of the run. */
  run: string
  /** Counts from 1 and grows with each claim of the run. */
  generation: number
}

export interface Claim extends ClaimKey {
  worker: string
  /** From this time on another worker may claim the run. The claim stays valid until one does. */
  expiresAt: number
}

export interface ClaimReads {
  /** The last claim of a run, expired or not; null if the run was never claimed. */
  get(run: string): Promise<Claim | null>
  /** Expired claims on unfinished runs, the earliest expiry first; at most `limit`. */
  expired(now: number, limit: number): Promise<readonly Claim[]>
}

export interface ClaimWrites {
  /**
   * Claims the next queued run: among the runs whose `notBefore` has passed, the oldest one of the highest priority.
   * null if no run is waiting.
   */
  claim(worker: string, now: number, leaseMs: number): Promise<{ run: Run; generation: number } | null>
  /** Claims one run and fences off its previous worker; null if another worker's lease has not expired. */
  take(run: string, worker: string, now: number, leaseMs: number): Promise<ClaimKey | null>
  /** Extends the lease to `now + leaseMs`. StoreError `fenced` if another worker has the run. */
  renew(claim: ClaimKey, now: number, leaseMs: number): Promise<void>
  /** Ends the lease at once. StoreError `fenced` if another worker has the run. */
  release(claim: ClaimKey): Promise<void>
}

export const claims = { reads, writes }

/** Attempts of claim() before it gives up because other workers win every race. */
const TRIES = 16
const UNFINISHED: readonly RunStatus[] = ['queued', 'running']

function reads(db: Kysely<Schema>): ClaimReads {
  return {
    async get(run) {
      const row = await db.selectFrom('claims').selectAll().where('run', '=', run).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async expired(now, limit) {
      const rows = await db
        .selectFrom('claims')
        .innerJoin('runs', 'runs.id', 'claims.run')
        .selectAll('claims')
        .where('claims.expires_at', '<=', now)
        .where('runs.status', 'in', [...UNFINISHED])
        .orderBy('claims.expires_at')
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
  }
}

function writes(db: Kysely<Schema>): ClaimWrites {
  async function take(run: string, worker: string, now: number, leaseMs: number): Promise<ClaimKey | null> {
    const lease = { worker, expires_at: now + leaseMs }
    const row = await db
      .insertInto('claims')
      .values({ run, generation: 1, ...lease })
      .onConflict((conflict) =>
        conflict
          .column('run')
          .doUpdateSet((field) => ({ ...lease, generation: field('claims.generation', '+', 1) }))
          .where('claims.expires_at', '<=', now),
      )
      .returning('generation')
      .executeTakeFirst()
    return row ? { run, generation: row.generation } : null
  }

  async function setLease({ run, generation }: ClaimKey, expires_at: number): Promise<void> {
    const { numUpdatedRows } = await db
      .updateTable('claims')
      .set({ expires_at })
      .where('run', '=', run)
      .where('generation', '=', generation)
      .executeTakeFirst()
    if (numUpdatedRows !== 1n) throw fenced({ run, generation })
  }

  return {
    take,
    async claim(worker, now, leaseMs) {
      for (let tries = 0; tries < TRIES; tries++) {
        const next = await nextQueued(db, now)
        if (next === null) return null
        const claim = await take(next, worker, now, leaseMs)
        if (claim === null) continue
        // The run may have been cancelled between the two statements.
        const run = await runs.reads(db).get(next)
        if (run?.status === 'queued') return { run, generation: claim.generation }
        await setLease(claim, 0)
      }
      return null
    },
    renew: (claim, now, leaseMs) => setLease(claim, now + leaseMs),
    release: (claim) => setLease(claim, 0),
  }
}

async function nextQueued(db: Kysely<Schema>, now: number): Promise<string | null> {
  const row = await db
    .selectFrom('runs')
    .leftJoin('claims', 'claims.run', 'runs.id')
    .select('runs.id')
    .where('runs.status', '=', 'queued')
    .where('runs.not_before', '<=', now)
    .where((is) => is.or([is('claims.run', 'is', null), is('claims.expires_at', '<=', now)]))
    .orderBy('runs.priority', 'desc')
    .orderBy('runs.created_at')
    .orderBy('runs.id')
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

/** Whether each claim is the current one of its run. Locks the current claims until the transaction ends. */
export async function holdClaims(db: Kysely<Schema>, held: readonly ClaimKey[]): Promise<readonly boolean[]> {
  const outcomes: boolean[] = []
  for (const { run, generation } of held) {
    const row = await db
      .selectFrom('claims')
      .select('run')
      .where('run', '=', run)
      .where('generation', '=', generation)
      .forUpdate()
      .executeTakeFirst()
    outcomes.push(row !== undefined)
  }
  return outcomes
}

export function fenced({ run, generation }: ClaimKey): StoreError {
  return new StoreError(
    'fenced',
    `claim ${generation} of run ${run} is not the current one; another worker has the run`,
  )
}

function fromRow({ run, worker, generation, expires_at }: ClaimRow): Claim {
  return { run, worker, generation, expiresAt: expires_at }
}
