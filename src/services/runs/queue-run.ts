// Authorises a request for a run, records it and queues it. The repository is not touched until a worker takes the run.
import type { Caller } from '../../domain/caller.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { type EventBody, platformEvent } from '../../domain/event.ts'
import { newId } from '../../domain/ids.ts'
import type { Run } from '../../domain/run.ts'
import { RunRequest } from '../../domain/run-request.ts'
import type { Forge } from '../../forges/types.ts'
import { adHocTask } from '../../runner/plan/ad-hoc-task.ts'
import { chooseSandbox, fitTask } from '../../runner/plan/check-request.ts'
import { builtInTask, type FoundTask } from '../../runner/plan/find-task.ts'
import type { Transaction } from '../../store/types.ts'
import { authorise, type Asking, type AuthoriseParts } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export type QueueParts = AuthoriseParts &
  Pick<
    ServiceParts,
    | 'agentDefaults'
    | 'agents'
    | 'ceilings'
    | 'connections'
    | 'ids'
    | 'openAdvisories'
    | 'openForge'
    | 'parseTask'
    | 'repositories'
    | 'sandbox'
    | 'sandboxKinds'
    | 'tasks'
    | 'worker'
  >

export type QueueCall = Asking & { readonly caller: Caller }

/** What a further attempt at a change adds to a request. */
export interface QueuedAttempt {
  /** The recorded task of the change. */
  task: FoundTask
  /** Checks that the attempt may still be made, and writes it. */
  insert(tx: Transaction, run: Run): Promise<void>
}

/** `request`: names the repository by its path or URL. */
export async function queueRun(
  parts: QueueParts,
  call: QueueCall,
  request: RunRequest,
  queued: QueuedAttempt | null = null,
): Promise<Run> {
  const sandbox = chooseSandbox(parts, request.sandbox)
  const forge = parts.openForge(request.repository)
  const found = queued?.task ?? knownTask(parts, request)
  await authoriseStart(parts, call, { request, forge, found })
  const earlier = await sameRequest(parts, call, request)
  if (earlier) return earlier
  if (request.advisories !== null) await parts.openAdvisories(request.advisories)
  const fitted = found && (await fitTask(parts, found, request))
  const { digest } = await parts.store.blobs.put(new TextEncoder().encode(canonicalJson(request)))
  const { work, ref, mode, idempotencyKey } = request
  const run: Run = {
    id: newId(parts.ids),
    task: taskName(request, found),
    taskSource: found?.source ?? 'repository',
    repository: forge.repository,
    ref,
    commit: null,
    mode: fitted?.mode ?? mode ?? 'read-only',
    inputs: fitted?.inputs ?? ('inputs' in work ? work.inputs : {}),
    sandbox: sandbox.kind,
    requester: call.caller.actor,
    request: digest,
    plan: null,
    trigger: request.trigger,
    attempt: 1,
    priority: 0,
    cancelledBy: null,
    status: 'queued',
    reason: null,
    createdAt: parts.ids.now(),
    startedAt: null,
    finishedAt: null,
  }
  await parts.store.transact(async (tx) => {
    await tx.runs.insert(run, { idempotencyKey })
    await queued?.insert(tx, run)
    const { task, repository, trigger } = run
    const body = { task, repository, ref, mode, trigger, request: digest, ...originOf(request) }
    await tx.record([platformEvent(run.id, 'run.requested', body, call.caller.actor)])
  })
  parts.worker.wake()
  return run
}

function originOf({ repeats, attempt }: RunRequest): Pick<EventBody<'run.requested'>, 'repeats' | 'attempt'> {
  if (attempt === null) return repeats === null ? {} : { repeats }
  const { change, number, start, review } = attempt
  return { attempt: { change, number, start, review } }
}

/** A repository's own task is not known yet; resolve.ts asks again with the values of its file. */
async function authoriseStart(
  parts: QueueParts,
  call: QueueCall,
  { request, forge, found }: { request: RunRequest; forge: Forge; found: FoundTask | null },
): Promise<void> {
  const { repository, kind } = forge
  const { ref, mode } = request
  await authorise(parts, call, {
    resource: { type: 'Repository', id: repository, attributes: { url: repository, forge: kind } },
    context: {
      task: taskName(request, found),
      ...(found === null ? {} : { taskSource: found.source, reach: found.task.reach }),
      repository,
      ...(ref ? { ref } : {}),
      ...(mode ? { mode } : {}),
    },
    run: null,
  })
}

function taskName({ work }: RunRequest, found: FoundTask | null): string {
  return found?.name ?? (work.kind === 'task' ? work.name : work.kind)
}

/**
 * The run that the requester already started with the same idempotency key. Rejects with `conflict` if its request was
 * another.
 */
async function sameRequest({ store }: QueueParts, { caller }: QueueCall, request: RunRequest): Promise<Run | null> {
  const { idempotencyKey } = request
  if (idempotencyKey === null) return null
  const run = await store.runs.byIdempotencyKey(caller.actor.id, idempotencyKey)
  if (run === null) return null
  const bytes = run.request === null ? null : await store.blobs.read(run.request)
  if (
    bytes !== null &&
    canonicalJson(RunRequest.parse(JSON.parse(new TextDecoder().decode(bytes)))) === canonicalJson(request)
  )
    return run
  throw new ServiceError('conflict', `run ${run.id} was started with the same idempotency key, for another request`)
}

/** Finds the task, except a repository's own, which is known only after its mirror is updated. */
function knownTask(parts: QueueParts, request: RunRequest): FoundTask | null {
  const { work } = request
  return work.kind === 'task' ? builtInTask(parts, work.name) : adHocTask(parts, work, request)
}
