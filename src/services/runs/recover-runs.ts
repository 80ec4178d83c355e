// After a crash: whatever the last process left running is marked `interrupted`, and its sandbox is reaped.
import type { Run } from '../../domain/run.ts'
import { closeAsk } from '../../runner/asks/close-ask.ts'
import { platformEvent } from '../../domain/event.ts'
import type { Transaction } from '../../store/types.ts'
import type { ServiceParts } from '../parts.ts'

type RecoverParts = Pick<ServiceParts, 'sandboxKinds' | 'sandboxes' | 'store' | 'ids'>

/** Call before anything else is started on the data folder. */
export async function recoverRuns(parts: RecoverParts): Promise<readonly Run[]> {
  // What crashed may have been of another kind than what is configured now.
  for (const kind of parts.sandboxKinds.values()) await kind.reap(parts.sandboxes)
  const left: Run[] = []
  for (let found = await unfinished(parts); found.length > 0; found = await unfinished(parts)) {
    for (const run of found) await interrupt(parts, run)
    left.push(...found)
  }
  await parts.store.transact((tx) => closeOpenAsks(parts, tx, {}))
  return left
}

async function unfinished({ store }: RecoverParts): Promise<readonly Run[]> {
  return (await store.runs.list({ status: ['queued', 'running'] })).items
}

async function interrupt(parts: RecoverParts, run: Run): Promise<void> {
  const reason = 'Glovebox was stopped while the run was at work; no sandbox survived it'
  const { processes, filesRead, filesWritten } = await parts.store.events.summary(run.id)
  await parts.store.transact(async (tx) => {
    const finishedAt = parts.ids.now()
    await tx.runs.update(run.id, { status: 'interrupted', reason, finishedAt })
    await closeOpenAsks(parts, tx, { run: run.id })
    await tx.record([
      platformEvent(run.id, 'coverage.reported', {
        mechanism: 'lost',
        complete: false,
        limits: {},
        processes,
        filesRead,
        filesWritten,
        dropped: 0,
        blindSpots: ['the record ends where Glovebox was stopped: what was not acknowledged by then is missing'],
      }),
      platformEvent(run.id, 'run.finished', {
        status: 'interrupted',
        reason,
        wallMs: Math.max(0, finishedAt - (run.startedAt ?? run.createdAt)),
      }),
    ])
  })
}

/** Whoever asked is gone, so nobody is left to hear an answer. */
async function closeOpenAsks({ ids }: RecoverParts, tx: Transaction, filter: { run?: string }): Promise<void> {
  const note = 'Glovebox was stopped before anybody answered'
  const open = async () => (await tx.asks.list({ ...filter, status: ['open'] })).items
  for (let asks = await open(); asks.length > 0; asks = await open())
    for (const ask of asks) await closeAsk(tx, ask, { by: 'end', note, now: ids.now() })
}
