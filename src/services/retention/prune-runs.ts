// Use cases: show, and remove, the bulky contents of old runs.
import { rm } from 'node:fs/promises'
import type { Answer, Call } from '../../contract/call.ts'
import type { Pruning } from '../../contract/retention.ts'
import type { Actor } from '../../domain/actor.ts'
import { platformEvent } from '../../domain/event.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import { planPruning, type PrunableRun, type PruningParts, type PruningPlan } from './plan-pruning.ts'

type Parts = AuthoriseParts & PruningParts

export async function previewPruning(parts: Parts, call: Call<'previewPruning'>): Promise<Answer<'previewPruning'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { before, keep = 0 } = call.query
  return summarise(await planPruning(parts, { before, keep }))
}

export async function pruneRuns(parts: Parts, call: Call<'pruneRuns'>): Promise<Answer<'pruneRuns'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  return parts.git.exclusive('pruning', async () => {
    const plan = await planPruning(parts, call.body)
    for (const prunable of plan.runs) await prune(parts, call.caller.actor, call.body.before, prunable)
    return summarise(plan)
  })
}

/** Recorded first: after a crash the record may name more than was removed, and the next pruning removes the rest. */
async function prune(
  { store, git }: Parts,
  actor: Actor,
  before: number,
  { run, blobs, quarantine }: PrunableRun,
): Promise<void> {
  const body = { blobs: blobs.size, bytes: sum(blobs.values()), quarantineBytes: quarantine?.bytes ?? null, before }
  await store.record([platformEvent(run.id, 'run.pruned', body, actor)])
  for (const digest of blobs.keys()) await store.blobs.remove(digest, before)
  if (quarantine !== null)
    await git.exclusive(quarantine.path, () => rm(quarantine.path, { recursive: true, force: true }))
}

function summarise({ runs, openChanges }: PruningPlan): Pruning {
  const rows = runs.map(({ run, blobs, quarantine }) => ({
    run: run.id,
    task: run.task,
    finishedAt: run.finishedAt ?? run.createdAt,
    blobs: blobs.size,
    bytes: sum(blobs.values()) + (quarantine?.bytes ?? 0),
  }))
  return {
    runs: rows,
    blobs: sum(rows.map(({ blobs }) => blobs)),
    bytes: sum(rows.map(({ bytes }) => bytes)),
    openChanges: [...openChanges],
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
