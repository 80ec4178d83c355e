// Recovery of runs whose worker has ended: their lease has expired, or the process that held it is gone. Marks each as
// `interrupted` and reaps its sandbox. Does not touch queued runs and runs that another worker still holds.
import { platformEvent } from '../domain/event.ts'
import type { IdSource } from '../domain/ids.ts'
import type { Run } from '../domain/run.ts'
import type { SandboxProvider } from '../sandbox/types.ts'
import type { Claim, Store, Transaction } from '../store/types.ts'
import { closeAsk } from './asks/close-ask.ts'

export interface RecoverParts {
  store: Store
  ids: IdSource
  /** All kinds, because an interrupted run may have used another kind than the configured one. */
  sandboxKinds: ReadonlyMap<string, SandboxProvider>
  sandboxes: string
  /** Whether the process of a worker has ended; false for workers of other machines. */
  workerIsGone: (worker: string) => boolean
}

const LEASE_MS = 30_000
const AT_ONCE = 100

/** `worker`: name of the recovering worker. */
export async function recoverRuns(parts: RecoverParts, worker: string): Promise<readonly Run[]> {
  const over = await claimsThatAreOver(parts)
  if (over.length === 0) return []
  await reapSandboxes(parts)
  const interrupted = await Promise.all(over.map((claim) => interrupt(parts, claim, worker)))
  return interrupted.filter((run) => run !== null)
}

export async function claimsThatAreOver({
  store,
  ids,
  workerIsGone,
}: Pick<RecoverParts, 'store' | 'ids' | 'workerIsGone'>): Promise<readonly Claim[]> {
  const expired = await store.claims.expired(ids.now(), AT_ONCE)
  const { items: running } = await store.runs.list({ status: ['running'], limit: AT_ONCE })
  const claims = await Promise.all(running.map((run) => store.claims.get(run.id)))
  const gone = claims.filter((claim) => claim !== null && workerIsGone(claim.worker)) as Claim[]
  return [...expired, ...gone.filter((claim) => !expired.some(({ run }) => run === claim.run))]
}

/** Removes leftovers of sandboxes whose Glovebox process has ended. Does not touch those of a live process. */
export async function reapSandboxes({ sandboxKinds, sandboxes }: RecoverParts): Promise<void> {
  for (const kind of sandboxKinds.values()) await kind.reap(sandboxes)
}

/** Interrupts one run. Resolves with null if another worker was faster or the run has ended meanwhile. */
async function interrupt({ store, ids }: RecoverParts, over: Claim, worker: string): Promise<Run | null> {
  const { run: id, generation } = over
  const reason = 'the worker of the run ended or lost its lease; no sandbox survived it'
  const { processes, filesRead, filesWritten } = await store.events.summary(id)
  return store.transact(async (tx) => {
    const now = ids.now()
    const current = await tx.claims.get(id)
    const before = await tx.runs.get(id)
    if (current?.generation !== generation || before?.status !== 'running') return null
    // Ends the lease of an ended process, and fences off a slow one.
    await tx.claims.release({ run: id, generation })
    const claim = await tx.claims.take(id, worker, now, LEASE_MS)
    if (claim === null) return null
    const finishedAt = now
    const run = await tx.runs.update(
      id,
      { status: 'interrupted', reason, finishedAt },
      { expect: { status: ['running'] } },
    )
    await closeOpenAsks(tx, id, finishedAt)
    await tx.record([
      platformEvent(id, 'coverage.reported', {
        mechanism: 'lost',
        complete: false,
        limits: {},
        processes,
        filesRead,
        filesWritten,
        dropped: 0,
        blindSpots: ['the record ends where the worker ended: unacknowledged events are missing'],
      }),
      platformEvent(id, 'run.finished', {
        status: 'interrupted',
        reason,
        wallMs: Math.max(0, finishedAt - (run.startedAt ?? run.createdAt)),
      }),
    ])
    await tx.claims.release(claim)
    return run
  })
}

/** Closes the open asks of an interrupted run, because its agent has ended. */
async function closeOpenAsks(tx: Transaction, run: string, now: number): Promise<void> {
  const note = 'the worker of the run ended before anybody answered'
  const { items } = await tx.asks.list({ run, status: ['open'], limit: 1000 })
  for (const ask of items) await closeAsk(tx, ask, { by: 'end', note, now })
}
