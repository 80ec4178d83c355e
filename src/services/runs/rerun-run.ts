// Use case: start a run again, with the request of an earlier one.
import type { Answer, Call } from '../../contract/call.ts'
import { knowsThisMachine } from '../../domain/caller.ts'
import type { Run } from '../../domain/run.ts'
import { RunRequest } from '../../domain/run-request.ts'
import { recordedPlan } from '../../runner/plan/recorded-plan.ts'
import { authorise, permits } from '../authorise.ts'
import { ServiceError } from '../types.ts'
import { findRun, runContext, runEntity } from './find-run.ts'
import { type QueueCall, type QueueParts, queueRun } from './queue-run.ts'

/** The caller needs `run.read` of the earlier run, because the new run shows its inputs, and `run.start`. */
export async function rerunRun(parts: QueueParts, call: Call<'rerunRun'>): Promise<Answer<'rerunRun'>> {
  const earlier = await findRun(parts, call, call.params.run)
  const { id, task, taskSource, repository } = earlier
  await authorise(parts, call, {
    resource: { type: 'Repository', id: repository, attributes: { url: repository } },
    context: { task, taskSource, repository },
    run: null,
  })
  if (!permits(parts, call, 'run.read')(runEntity(earlier), runContext(earlier)))
    throw new ServiceError('refused', `${call.caller.actor.id} may not read run ${id}`)
  const request = await requestOf(parts, earlier)
  refusePlaces(parts, call, request)
  return queueRun(parts, call, {
    ...request,
    ref: call.body.sameCommit ? commitOf(earlier) : request.ref,
    agent: (await agentOf(parts, earlier)) ?? request.agent,
    trigger: 'manual',
    idempotencyKey: call.body.idempotencyKey,
    repeats: id,
    attempt: null,
  })
}

export async function requestOf({ store }: Pick<QueueParts, 'store'>, { id, request }: Run): Promise<RunRequest> {
  const bytes = request === null ? null : await store.blobs.read(request)
  if (bytes !== null) return RunRequest.parse(JSON.parse(new TextDecoder().decode(bytes)))
  throw new ServiceError('wrong-state', `the request of run ${id} is not in the store`, {
    cure: 'start it with `glovebox run`',
  })
}

function commitOf({ id, commit }: Run): string {
  if (commit !== null) return commit
  throw new ServiceError('wrong-state', `run ${id} ended before its commit was known`, {
    cure: 'leave `--same-commit` out',
  })
}

/** Agent, connection and model that the plan chose, because the configured ones may have changed since. */
async function agentOf({ store }: Pick<QueueParts, 'store'>, run: Run): Promise<RunRequest['agent'] | null> {
  return run.plan === null ? null : (await recordedPlan(store, run.plan)).agent
}

/** The requests of the owner of this machine may name paths, which are closed to other callers (start-run.ts). */
export function refusePlaces({ repositories }: QueueParts, { caller }: QueueCall, request: RunRequest): void {
  if (knowsThisMachine(caller)) return
  const configured = [...repositories.values()].includes(request.repository)
  if (configured && request.advisories === null) return
  throw new ServiceError('refused', 'the run names a place that only the owner of the data folder may name', {
    cure: 'start it with the name of a configured repository',
  })
}
