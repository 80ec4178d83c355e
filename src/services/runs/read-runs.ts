// Look at runs and at what they left behind.
import type { RunDetail } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Event } from '../../domain/event.ts'
import type { Digest } from '../../domain/events/fields.ts'
import type { Run } from '../../domain/run.ts'
import { ADVISORY_REPORT } from '../../runner/stages/inspect.ts'
import type { EntityRef } from '../../policy/types.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import { describeChange } from '../changes/read-changes.ts'
import type { ServiceParts } from '../parts.ts'
import { advisoriesOf, artifactsOf, downloadBlob, eventsOf } from './stored-results.ts'
import type { Download, EventFilter, RunFilter } from '../types.ts'
import { ServiceError } from '../types.ts'

export async function listRuns(parts: ServiceParts, actor: Actor, filter: RunFilter): Promise<readonly Run[]> {
  await authorise(parts, actor, { action: 'run.read', resource: INSTANCE, run: null })
  const { prefix = '', limit, status } = filter
  if (prefix === '') return (await parts.store.runs.list({ limit, status })).items
  const found = await parts.store.runs.find(prefix, limit)
  return found.filter((run) => status?.includes(run.status) ?? true)
}

export async function getRun(parts: ServiceParts, actor: Actor, id: string): Promise<RunDetail> {
  const run = await readableRun(parts, actor, id)
  const change = await parts.store.changes.byRun(id)
  const artifacts = await artifactsOf(parts, id)
  return {
    run,
    trace: await parts.store.events.summary(id),
    change: change ? await describeChange(parts, change) : null,
    advisories: await advisoriesOf(parts, id),
    artifacts: artifacts.filter((artifact) => artifact.name !== ADVISORY_REPORT),
  }
}

export async function* readEvents(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncIterable<Event> {
  await readableRun(parts, actor, id)
  const query = {
    run: id,
    ...(filter.after === undefined ? {} : { after: filter.after }),
    ...(filter.kinds ? { kinds: filter.kinds } : {}),
  }
  if (filter.follow) {
    yield* parts.store.events.follow(query, signal)
    return
  }
  for (let after = filter.after ?? 0; !signal.aborted;) {
    const page = await parts.store.events.list({ ...query, after, limit: 1000 })
    if (page.length === 0) return
    yield* page
    after = page.at(-1)?.seq ?? after
  }
}

export async function readOutput(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  step: number,
  stream: 'stdout' | 'stderr',
): Promise<Download> {
  await readableRun(parts, actor, id)
  const finished = (await eventsOf(parts, id, 'step.finished')).find((event) => event.body.step === step)
  if (!finished)
    throw new ServiceError('not-found', `run ${id} has no finished step ${step}`, {
      cure: `see \`glovebox runs show ${id}\``,
    })
  const digest = finished.body[stream]
  return digest === null
    ? { name: `${step}.${stream}`, length: 0, bytes: nothing() }
    : downloadBlob(parts, `${step}.${stream}`, digest as Digest)
}

export async function readArtifact(parts: ServiceParts, actor: Actor, id: string, name: string): Promise<Download> {
  await readableRun(parts, actor, id)
  const artifacts = await artifactsOf(parts, id)
  const artifact = artifacts.find((entry) => entry.name === name)
  if (!artifact) {
    const known = artifacts.map((entry) => entry.name).join(', ') || 'none'
    throw new ServiceError('not-found', `run ${id} has no artifact \`${name}\``, { cure: `its artifacts: ${known}` })
  }
  return downloadBlob(parts, name, artifact.digest)
}

export async function readableRun(parts: ServiceParts, actor: Actor, id: string): Promise<Run> {
  const run = await parts.store.runs.get(id)
  if (!run) throw new ServiceError('not-found', `there is no run ${id}`, { cure: 'see `glovebox runs`' })
  await authorise(parts, actor, { action: 'run.read', resource: runEntity(run), run: id })
  return run
}

export function runEntity(run: Run): EntityRef {
  const { task, taskSource, mode, repository, sandbox, status } = run
  return {
    type: 'Run',
    id: run.id,
    attributes: { task, taskSource, mode, repository, sandbox, status, requester: run.requester.id },
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {}
