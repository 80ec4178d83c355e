// Use case: start a run. Authorises, records the request and queues it. The repository is not touched until a worker
// takes the run.
import type { Answer, Call } from '../../contract/call.ts'
import { canonicalJson } from '../../domain/canonical.ts'
import { knowsThisMachine } from '../../domain/caller.ts'
import { platformEvent } from '../../domain/event.ts'
import { newId } from '../../domain/ids.ts'
import { suggestion } from '../../domain/nearest-word.ts'
import type { Run } from '../../domain/run.ts'
import type { RunRequest } from '../../domain/run-request.ts'
import { chooseSandbox, fitTask } from '../../runner/plan/check-request.ts'
import { builtInTask, commandTask, type FoundTask } from '../../runner/plan/find-task.ts'
import { authorise, type AuthoriseParts } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

type Parts = AuthoriseParts &
  Pick<
    ServiceParts,
    | 'agentDefaults'
    | 'agents'
    | 'ceilings'
    | 'connections'
    | 'ids'
    | 'openAdvisories'
    | 'openForge'
    | 'repositories'
    | 'sandbox'
    | 'sandboxKinds'
    | 'tasks'
    | 'worker'
  >

export async function startRun(parts: Parts, call: Call<'startRun'>): Promise<Answer<'startRun'>> {
  const request = located(parts, call)
  const sandbox = chooseSandbox(parts, request.sandbox)
  const forge = parts.openForge(request.repository)
  const { work, ref, mode } = request
  const task = work.kind === 'task' ? work.name : 'command'
  await authorise(parts, call, {
    resource: { type: 'Repository', id: forge.repository, attributes: { url: forge.repository, forge: forge.kind } },
    context: { task, repository: forge.repository, ...(ref ? { ref } : {}), ...(mode ? { mode } : {}) },
    run: null,
  })
  const earlier = await sameRequest(parts, call, request)
  if (earlier) return earlier
  if (request.advisories !== null) await parts.openAdvisories(request.advisories)
  const found = knownTask(parts, request)
  const fitted = found && (await fitTask(parts, found, request))
  const { digest } = await parts.store.blobs.put(new TextEncoder().encode(canonicalJson(request)))
  const run: Run = {
    id: newId(parts.ids),
    task,
    taskSource: found?.source ?? 'repository',
    repository: forge.repository,
    ref,
    commit: null,
    mode: fitted?.mode ?? mode ?? 'read-only',
    inputs: fitted?.inputs ?? (work.kind === 'task' ? work.inputs : {}),
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
  const { idempotencyKey } = request
  await parts.store.transact(async (tx) => {
    await tx.runs.insert(run, { idempotencyKey })
    const { repository, trigger } = run
    const body = { task, repository, ref, mode, trigger, request: digest }
    await tx.record([platformEvent(run.id, 'run.requested', body, call.caller.actor)])
  })
  parts.worker.wake()
  return run
}

/** Replaces a repository name by its path or URL. Only the machine's owner may give a path of this machine. */
function located({ repositories }: Parts, { caller, body }: Call<'startRun'>): RunRequest {
  const place = repositories.get(body.repository)
  if (place !== undefined) return { ...body, repository: place, ...ownAdvisories(caller, body) }
  if (knowsThisMachine(caller)) return body
  const known = [...repositories.keys()]
  const cure = known.length === 0 ? 'add it to `repositories` of glovebox.yaml' : suggestion(body.repository, known)
  throw new ServiceError('bad-input', `no repository is named \`${body.repository}\``, { cure })
}

function ownAdvisories(caller: Call<'startRun'>['caller'], { advisories }: RunRequest): Pick<RunRequest, 'advisories'> {
  if (advisories === null || knowsThisMachine(caller)) return { advisories }
  throw new ServiceError(
    'bad-input',
    "`advisories` names a folder of the server's machine, which only its owner may do",
  )
}

/**
 * The run that the requester already started with the same idempotency key. Rejects with `conflict` if its request was
 * another.
 */
async function sameRequest({ store }: Parts, { caller }: Call<'startRun'>, request: RunRequest): Promise<Run | null> {
  const { idempotencyKey } = request
  if (idempotencyKey === null) return null
  const run = await store.runs.byIdempotencyKey(caller.actor.id, idempotencyKey)
  if (run === null) return null
  const bytes = run.request === null ? null : await store.blobs.read(run.request)
  if (bytes !== null && new TextDecoder().decode(bytes) === canonicalJson(request)) return run
  throw new ServiceError('conflict', `run ${run.id} was started with the same idempotency key, for another request`)
}

/** Finds a built-in task. A repository's own tasks are known only after its mirror is updated. */
function knownTask(parts: Parts, { work, mode }: RunRequest): FoundTask | null {
  return work.kind === 'task' ? builtInTask(parts, work.name) : commandTask(work.argv, mode ?? 'read-only')
}
