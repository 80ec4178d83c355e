// Works out which contents of old runs may be removed: their quarantine repositories, and blobs that no other run names.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Change } from '../../domain/change.ts'
import type { Digest } from '../../domain/events/fields.ts'
import { digestsOf, isPrunable, MIN_AGE_MS } from '../../domain/retention.ts'
import { FINISHED, type Run } from '../../domain/run.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export type PruningParts = Pick<ServiceParts, 'git' | 'ids' | 'quarantines' | 'store'>

/** A run whose contents may be removed. */
export interface PrunableRun {
  run: Run
  /** Blobs with their sizes in bytes. A blob of several runs is listed under one of them. */
  blobs: ReadonlyMap<Digest, number>
  /** Path of the quarantine repository; null if there is none any more. */
  quarantine: { path: string; bytes: number } | null
}

export interface PruningPlan {
  /** Newest first; only runs with something to remove. */
  runs: readonly PrunableRun[]
  openChanges: readonly string[]
}

const PAGE = 500

/** `before` in milliseconds since the epoch; `keep`: how many of the newest runs keep their contents. */
export async function planPruning(
  parts: PruningParts,
  { before, keep }: { before: number; keep: number },
): Promise<PruningPlan> {
  if (before > parts.ids.now() - MIN_AGE_MS)
    throw new ServiceError('bad-input', 'what is younger than a day is never removed', { cure: 'give an earlier time' })
  const { old, openChanges } = await oldRuns(parts, before, keep)
  const owners = await ownedBlobs(parts, old)
  const runs: PrunableRun[] = []
  for (const run of old) {
    const blobs = new Map<Digest, number>()
    for (const digest of owners.get(run.id) ?? []) {
      const bytes = await parts.store.blobs.removable(digest, before)
      if (bytes !== null) blobs.set(digest, bytes)
    }
    const path = join(parts.quarantines, `${run.id}.git`)
    const bytes = await sizeOf(path)
    if (blobs.size > 0 || bytes !== null) runs.push({ run, blobs, quarantine: bytes === null ? null : { path, bytes } })
  }
  return { runs, openChanges }
}

async function oldRuns({ store }: PruningParts, before: number, keep: number) {
  const old: Run[] = []
  const openChanges = new Set<string>()
  let seen = 0
  for (let cursor: string | null = null; ;) {
    const page: { items: readonly Run[]; next: string | null } = await store.runs.list({
      limit: PAGE,
      ...(cursor === null ? {} : { cursor }),
    })
    for (const run of page.items) {
      if (seen++ < keep || !isPrunable(run, null, before)) continue
      const change = await store.changes.byRun(run.id)
      if (isPrunable(run, change, before) && (await hasEnded(store, change))) old.push(run)
      else if (change !== null) openChanges.add(change.id)
    }
    if (page.next === null) return { old, openChanges: [...openChanges] }
    cursor = page.next
  }
}

/** Whether no attempt at the change still works or waits, since it needs the commits of an earlier one. */
async function hasEnded(store: PruningParts['store'], change: Change | null): Promise<boolean> {
  const runs = await Promise.all((change?.attempts ?? []).map(({ run }) => store.runs.get(run)))
  return runs.every((run) => run === null || FINISHED.includes(run.status))
}

/** From the id of each old run to the digests that only old runs name. */
async function ownedBlobs({ store }: PruningParts, old: readonly Run[]): Promise<Map<string, Digest[]>> {
  const ids = new Set(old.map(({ id }) => id))
  const owners = new Map<Digest, string>()
  for (const { id } of old)
    for (let after = 0; ;) {
      const events = await store.events.list({ run: id, after, limit: PAGE })
      for (const event of events) for (const digest of digestsOf(event).removable) owners.set(digest, id)
      const last = events.at(-1)
      if (last === undefined) break
      after = last.seq
    }
  if (owners.size > 0) await dropNamedElsewhere(store, ids, owners)
  const byRun = Map.groupBy(owners, ([, run]) => run)
  return new Map([...byRun].map(([run, entries]) => [run, entries.map(([digest]) => digest)]))
}

/** Goes through the log of the whole instance. Later events name only blobs that are too young to be removed. */
async function dropNamedElsewhere(
  store: PruningParts['store'],
  old: ReadonlySet<string>,
  owners: Map<Digest, string>,
): Promise<void> {
  await store.log.settle()
  for (let after = 0; ;) {
    const entries = await store.log.list({ after, limit: PAGE })
    for (const { event } of entries) {
      const { removable, kept } = digestsOf(event)
      const named = event.run !== null && old.has(event.run) ? kept : [...kept, ...removable]
      for (const digest of named) owners.delete(digest)
    }
    const last = entries.at(-1)
    if (last === undefined) return
    after = last.position
  }
}

/** Bytes of all files in a folder; null if it does not exist. Follows no links. */
async function sizeOf(folder: string): Promise<number | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => null)
  if (entries === null) return null
  let bytes = 0
  for (const entry of entries)
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0
  return bytes
}
