// Look at changes, and at what their gate still wants.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Change } from '../../domain/change.ts'
import { evaluateGate } from '../../domain/gate.ts'
import { join } from 'node:path'
import type { EntityRef } from '../../policy/types.ts'
import { commitOf } from '../../git/quarantine.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { advisoriesOf, downloadBlob } from '../runs/stored-results.ts'
import type { Download, ListFilter } from '../types.ts'
import { ServiceError } from '../types.ts'

export async function listChanges(
  parts: ServiceParts,
  actor: Actor,
  { prefix = '', limit }: ListFilter,
): Promise<readonly Change[]> {
  await authorise(parts, actor, { action: 'change.read', resource: INSTANCE, run: null })
  if (prefix !== '') return parts.store.changes.find(prefix, limit)
  return (await parts.store.changes.list({ limit })).items
}

export async function getChange(parts: ServiceParts, actor: Actor, id: string): Promise<ChangeDetail> {
  return describeChange(parts, await readableChange(parts, actor, id))
}

export async function readDiff(parts: ServiceParts, actor: Actor, id: string): Promise<Download> {
  const change = await readableChange(parts, actor, id)
  return downloadBlob(parts, `${id}.diff`, change.diff)
}

export async function describeChange(parts: ServiceParts, change: Change): Promise<ChangeDetail> {
  const run = await parts.store.runs.get(change.run)
  const runStatus = run?.status ?? 'error'
  const quarantineCommit = await commitOf(parts.git, quarantineOf(parts, change), change.branch).catch(() => null)
  return {
    change,
    gate: evaluateGate({ change, runStatus, quarantineCommit }),
    runStatus,
    advisories: await advisoriesOf(parts, change.run),
  }
}

export async function findChange(parts: ServiceParts, id: string): Promise<Change> {
  const change = await parts.store.changes.get(id)
  if (!change) throw new ServiceError('not-found', `there is no change ${id}`, { cure: 'see `glovebox change list`' })
  return change
}

/** Decisions, publishing and merging of one change wait for each other. */
export function oneAtATime<T>(parts: ServiceParts, change: string, work: () => Promise<T>): Promise<T> {
  return parts.git.exclusive(`change ${change}`, work)
}

export function quarantineOf(parts: ServiceParts, change: Change): string {
  return join(parts.quarantines, `${change.run}.git`)
}

export function changeEntity(change: Change): EntityRef {
  const { run, repository, branch, target, commit, status } = change
  const attributes = {
    run,
    repository,
    branch,
    target,
    commit,
    status,
    requester: change.requester.id,
    protectedPaths: change.protectedPaths.length,
  }
  return { type: 'Change', id: change.id, attributes }
}

async function readableChange(parts: ServiceParts, actor: Actor, id: string): Promise<Change> {
  const change = await findChange(parts, id)
  await authorise(parts, actor, { action: 'change.read', resource: changeEntity(change), run: change.run })
  return change
}
