// Ask a run to stop.
import type { Actor } from '../../domain/actor.ts'
import type { Run } from '../../domain/run.ts'
import { runCan } from '../../domain/run.ts'
import { cancelled } from '../../runner/stop-reason.ts'
import { authorise } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { runEntity } from './read-runs.ts'
import { ServiceError } from '../types.ts'

export async function cancelRun(parts: ServiceParts, actor: Actor, id: string): Promise<Run> {
  const run = await parts.store.runs.get(id)
  if (!run) throw new ServiceError('not-found', `there is no run ${id}`, { cure: 'see `glovebox runs`' })
  await authorise(parts, actor, {
    action: 'run.cancel',
    resource: runEntity(run),
    context: { requester: run.requester.id },
    run: id,
  })
  if (!runCan('cancel', run.status)) throw new ServiceError('wrong-state', `run ${id} is ${run.status} already`)
  if (!parts.active.stop(id, cancelled(actor.id)))
    throw new ServiceError('wrong-state', `run ${id} is not executed by this process`)
  return run
}
