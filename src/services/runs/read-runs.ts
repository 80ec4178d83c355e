// Use cases: read runs and their results.
import type { Answer, Call, Download } from '../../contract/call.ts'
import { explainFullDisk } from '../../disk/full-disk.ts'
import { PLATFORM_REPORTS } from '../../domain/change.ts'
import type { Event, EventBody, EventKind } from '../../domain/event.ts'
import type { Digest } from '../../domain/events/fields.ts'
import { cutMarker } from '../../domain/output-cut.ts'
import { authoriseList, type AuthoriseParts } from '../authorise.ts'
import { describeChange, type DescribeParts } from '../changes/describe-change.ts'
import type { ServiceParts } from '../parts.ts'
import { readPage } from '../read-page.ts'
import { ServiceError } from '../types.ts'
import { authorisedRun, runContext, runEntity } from './find-run.ts'
import { advisoriesOf, artifactsOf, downloadBlob, eventsOf } from './stored-results.ts'

export async function listRuns(parts: AuthoriseParts, call: Call<'listRuns'>): Promise<Answer<'listRuns'>> {
  const permitted = await authoriseList(parts, call)
  const { status } = call.query
  const { items, next } = await readPage(
    call.query,
    (page) => parts.store.runs.list({ ...page, ...(status ? { status } : {}) }),
    (run) => permitted(runEntity(run), runContext(run)),
  )
  return { runs: items, next }
}

export async function getRun(parts: DescribeParts & AuthoriseParts, call: Call<'getRun'>): Promise<Answer<'getRun'>> {
  const run = await authorisedRun(parts, call)
  const change = await parts.store.changes.byRun(run.id)
  const artifacts = await artifactsOf(parts, run.id)
  return {
    run,
    trace: await parts.store.events.summary(run.id),
    change: change ? await describeChange(parts, change) : null,
    advisories: await advisoriesOf(parts, run.id),
    artifacts: artifacts.filter(({ name }) => !PLATFORM_REPORTS.includes(name)),
  }
}

/** Without a worker, this process executes no runs. */
type FollowParts = AuthoriseParts & Pick<ServiceParts, 'dataFolder'> & Partial<Pick<ServiceParts, 'worker'>>

export async function readEvents(parts: FollowParts, call: Call<'readEvents'>): Promise<Answer<'readEvents'>> {
  const { id } = await authorisedRun(parts, call)
  const { after, kind, follow = false } = call.query
  const query = { run: id, ...(after === undefined ? {} : { after }), ...(kind ? { kinds: kind } : {}) }
  const items = follow ? followToEnd(parts, query, call.signal) : pages(parts, query, call.signal)
  return { follow, items }
}

/** Fails when the run has ended and its end could not be recorded: its last event would be waited for in vain. */
async function* followToEnd(
  { store, worker, dataFolder }: FollowParts,
  query: { run: string; after?: number; kinds?: readonly EventKind[] },
  signal: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  const given = new AbortController()
  using _ = { [Symbol.dispose]: worker?.whenUnrecorded(query.run, (error) => given.abort(error)) ?? (() => {}) }
  yield* store.events.follow(query, AbortSignal.any([signal, given.signal]))
  if (!given.signal.aborted || signal.aborted) return
  const { reason } = given.signal as { reason: unknown }
  const why = explainFullDisk(reason, [dataFolder]) ?? (reason instanceof Error ? reason.message : String(reason))
  throw new ServiceError('unavailable', `run ${query.run} could not be recorded to its end: ${why}`, {
    cause: reason,
    cure: 'once Glovebox can write there again, it marks the run as interrupted',
  })
}

async function* pages(
  { store }: Pick<ServiceParts, 'store'>,
  query: Parameters<ServiceParts['store']['events']['list']>[0],
  signal: AbortSignal,
): AsyncGenerator<Event> {
  for (let after = query.after ?? 0; !signal.aborted;) {
    const page = await store.events.list({ ...query, after, limit: 1000 })
    if (page.length === 0) return
    yield* page
    after = page.at(-1)?.seq ?? after
  }
}

type OutputParts = AuthoriseParts & Partial<Pick<ServiceParts, 'live'>>

export async function readOutput(parts: OutputParts, call: Call<'readOutput'>): Promise<Download> {
  const { id } = await authorisedRun(parts, call)
  const { step } = call.params
  const { stream = 'stdout', part = 'all', follow = false } = call.query
  const live = (follow ? parts.live?.follow(id, step, stream, call.signal) : null) ?? null
  const kept = () => keptDownload(parts, id, step, stream, part)
  return live === null ? kept() : { name: `${step}.${stream}`, length: null, bytes: liveThenKept(live, kept) }
}

/** The kept output of an ended step begins with what was read of it while it was at work. */
async function* liveThenKept(
  live: AsyncIterable<Uint8Array>,
  kept: () => Promise<Download>,
): AsyncGenerator<Uint8Array> {
  let sent = 0
  for await (const bytes of live) {
    sent += bytes.length
    yield bytes
  }
  for await (const bytes of (await kept()).bytes) {
    if (bytes.length > sent) yield bytes.subarray(sent)
    sent = Math.max(0, sent - bytes.length)
  }
}

async function keptDownload(
  parts: AuthoriseParts,
  id: string,
  step: number,
  stream: 'stdout' | 'stderr',
  part: 'all' | 'head' | 'tail',
): Promise<Download> {
  const finished = (await eventsOf(parts, id, 'step.finished')).find((event) => event.body.step === step)
  if (!finished)
    throw new ServiceError('not-found', `run ${id} has no finished step ${step}`, {
      cure: `see \`glovebox runs show ${id}\``,
    })
  const name = `${step}.${stream}`
  const { head, cut } = keptOutput(finished.body, stream)
  const blob = (digest: string | null): Promise<Download> =>
    digest === null
      ? Promise.resolve({ name, length: 0, bytes: nothing() })
      : downloadBlob(parts, { name, digest: digest as Digest, run: id })
  if (part === 'tail') return blob(cut?.tail ?? null)
  if (part === 'head' || cut === null) return blob(head)
  const [first, last] = await Promise.all([blob(head), blob(cut.tail)])
  return { name, length: null, bytes: withMarker(first, cut.omitted, last) }
}

function keptOutput(body: EventBody<'step.finished'>, stream: 'stdout' | 'stderr') {
  return stream === 'stdout' ? { head: body.stdout, cut: body.stdoutCut } : { head: body.stderr, cut: body.stderrCut }
}

async function* withMarker(first: Download, omitted: number, last: Download): AsyncIterable<Uint8Array> {
  yield* first.bytes
  yield new TextEncoder().encode(cutMarker(omitted))
  yield* last.bytes
}

export async function readArtifact(parts: AuthoriseParts, call: Call<'readArtifact'>): Promise<Download> {
  const { id } = await authorisedRun(parts, call)
  const { name } = call.params
  const artifacts = await artifactsOf(parts, id)
  const artifact = artifacts.find((entry) => entry.name === name)
  if (!artifact) {
    const known = artifacts.map((entry) => entry.name).join(', ') || 'none'
    throw new ServiceError('not-found', `run ${id} has no artifact \`${name}\``, { cure: `its artifacts: ${known}` })
  }
  return downloadBlob(parts, { name, digest: artifact.digest, run: id })
}

async function* nothing(): AsyncIterable<Uint8Array> {}
