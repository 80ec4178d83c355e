// Which worker has which run: a lease that ends by itself, with a generation that fences off a worker which was too slow.
// Everything here is compare-and-set in one statement, so that workers of several processes may ask at once. Times are
// milliseconds since the epoch; workers of several machines need clocks that differ by much less than a lease.
import type { Kysely } from 'kysely'
import type { RunStatus } from '../../domain/events/fields.ts'
import type { Run } from '../../domain/run.ts'
import type { ClaimRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'
import { runs } from './runs.ts'

/** What a worker names to say in whose name it writes. */
export interface ClaimKey {
  /** Id of the run. */
  run: string
  /** Counts from 1; each claim of the run has a greater one. */
  generation: number
}

export interface Claim extends ClaimKey {
  worker: string
  /** From then on another worker may claim the run. The claim holds until one does. */
  expiresAt: number
}

export interface ClaimReads {
  /** The last claim of a run, whether its lease has ended or not; null: it was never claimed. */
  get(run: string): Promise<Claim | null>
  /** Claims whose lease has ended, of runs that have not: the first to have ended first; at most `limit`. */
  expired(now: number, limit: number): Promise<readonly Claim[]>
}

export interface ClaimWrites {
  /**
   * Claims the queued run that is next: of those whose time has come the one with the greatest priority, of these the
   * oldest. null: none is waiting.
   */
  claim(worker: string, now: number, leaseMs: number): Promise<{ run: Run; generation: number } | null>
  /** Claims one run, unless another worker's lease on it holds: null. Whoever had it before is fenced off. */
  take(run: string, worker: string, now: number, leaseMs: number): Promise<ClaimKey | null>
  /** A lease from now on. StoreError `fenced` when another worker has the run. */
  renew(claim: ClaimKey, now: number, leaseMs: number): Promise<void>
  /** Ends the lease at once. StoreError `fenced` when another worker has the run. */
  release(claim: ClaimKey): Promise<void>
}

export const claims = { reads, writes }

/** Of claims that were lost to another worker, before that worker is left to it. */
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
        // Between the two statements the run may have been cancelled.
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

/** Which of the claims are the current ones of their runs; these stay so until the transaction ends. */
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
