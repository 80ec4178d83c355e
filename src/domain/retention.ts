// Which contents of old runs may be removed. Events are never removed: the ledger only grows.
import type { Change } from './change.ts'
import type { Event, EventKind } from './event.ts'
import { Digest } from './events/fields.ts'
import { FINISHED, type Run } from './run.ts'

/**
 * Least age, in ms, of everything that is removed. A blob is stored before the event that names it is recorded, so a
 * younger blob may belong to an event that is not there yet.
 */
export const MIN_AGE_MS = 24 * 60 * 60 * 1000

/** Events whose blobs stay for good: what was asked for, and the plan, with the texts of task and policies. */
const KEPT: readonly EventKind[] = ['run.requested', 'run.planned']

/** `before`: milliseconds since the epoch. */
export function isPrunable(run: Run, change: Change | null, before: number): boolean {
  const ended = FINISHED.includes(run.status) && run.finishedAt !== null && run.finishedAt < before
  return ended && (change === null || change.status === 'merged' || change.status === 'rejected')
}

export interface NamedDigests {
  /** Blobs that may be removed with the contents of the run. */
  removable: Digest[]
  /** Blobs that stay for good. */
  kept: Digest[]
}

/** Every digest in the event, also one that names no blob of ours. */
export function digestsOf(event: Pick<Event, 'kind' | 'body'>): NamedDigests {
  const all = digestsIn(event.body)
  return KEPT.includes(event.kind) ? { removable: [], kept: all } : { removable: all, kept: [] }
}

function digestsIn(value: unknown): Digest[] {
  if (typeof value === 'string') return value.length === 71 && Digest.safeParse(value).success ? [value as Digest] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(digestsIn) : []
}
