// Use case: cancel a run, at once if it is queued, or through its worker if it is running.
import type { Answer, Call } from '../../contract/call.ts'
import { platformEvent } from '../../domain/event.ts'
import { runCan } from '../../domain/run.ts'
import { cancelled } from '../../runner/stop-reason.ts'
import type { AuthoriseParts } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'
import { authorisedRun } from './find-run.ts'

export async function cancelRun(
  parts: AuthoriseParts & Pick<ServiceParts, 'ids' | 'worker'>,
  call: Call<'cancelRun'>,
): Promise<Answer<'cancelRun'>> {
  const { id } = await authorisedRun(parts, call)
  const { actor } = call.caller
  const stop = cancelled(actor.id)
  const recording = parts.store.transact(async (tx) => {
    const current = await tx.runs.get(id)
    if (!current || !runCan('cancel', current.status))
      throw new ServiceError('wrong-state', `run ${id} has already ended: ${current?.status ?? 'gone'}`)
    const waits = current.status === 'queued'
    const ended = { status: stop.status, reason: stop.message, finishedAt: parts.ids.now() }
    const fields = { cancelledBy: actor, ...(waits ? ended : {}) }
    const stopped = await tx.runs.update(id, fields, { expect: { status: [current.status] } })
    const { status, message: reason } = stop
    await tx.record([
      platformEvent(id, 'run.cancel-requested', {}, actor),
      ...(waits ? [platformEvent(id, 'run.finished', { status, reason, wallMs: 0 })] : []),
    ])
    return stopped
  })
  const run = await recording.catch((error: unknown) => {
    // A full disk must not keep a run at work that somebody wants to end. Its end tells who.
    if (!(error instanceof ServiceError)) parts.worker.stop(id, stop)
    throw error
  })
  // A worker of another process reads the cancellation from the store (worker.ts).
  parts.worker.stop(id, stop)
  return run
}
