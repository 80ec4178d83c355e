// Results of runs that are stored as blobs: artifacts, the platform's own reports, output.
import type { Download } from '../../contract/call.ts'
import { ADVISORY_REPORT, AdvisoryReport } from '../../domain/change.ts'
import type { Event, EventKind } from '../../domain/event.ts'
import type { Digest } from '../../domain/events/fields.ts'
import type { ServiceParts } from '../parts.ts'
import { removedContents } from '../retention/removed-contents.ts'
import { ServiceError } from '../types.ts'

type StoreParts = Pick<ServiceParts, 'store'>

export async function advisoriesOf(parts: StoreParts, run: string): Promise<AdvisoryReport | null> {
  const stored = (await artifactsOf(parts, run)).find((artifact) => artifact.name === ADVISORY_REPORT)
  const bytes = stored ? await parts.store.blobs.read(stored.digest) : null
  return bytes === null ? null : AdvisoryReport.parse(JSON.parse(new TextDecoder().decode(bytes)))
}

export async function artifactsOf(parts: StoreParts, run: string) {
  return (await eventsOf(parts, run, 'artifact.stored')).map((event) => ({
    ...event.body,
    digest: event.body.digest as Digest,
  }))
}

export async function eventsOf<K extends EventKind>(
  { store }: StoreParts,
  run: string,
  kind: K,
): Promise<Extract<Event, { kind: K }>[]> {
  return (await store.events.list({ run, kinds: [kind] })) as Extract<Event, { kind: K }>[]
}

/** `run`: the run whose event names the blob. Rejects with `removed` if retention has removed it. */
export async function downloadBlob(
  parts: StoreParts,
  { name, digest, run }: { name: string; digest: Digest; run: string },
): Promise<Download> {
  const blob = await parts.store.blobs.open(digest)
  const removed = blob === null ? await removedContents(parts, run, name) : null
  if (removed !== null) throw removed
  if (blob === null) throw new ServiceError('internal', `blob ${digest} is missing from the store`)
  return { name, length: blob.bytes, bytes: blob.stream() }
}
