// Lookup of the change that a call names, with authorisation of the caller.
import { type Change, requestersOf } from '../../domain/change.ts'
import type { DecisionSummary } from '../../domain/events/fields.ts'
import type { Attributes, EntityRef } from '../../policy/types.ts'
import { authorise, type Asking, type AuthoriseParts, permits } from '../authorise.ts'
import { resolveReference } from '../resolve-reference.ts'
import { ServiceError } from '../types.ts'

export type ChangeCall = Asking & { readonly params: { readonly change: string } }

export interface AuthorisedChange extends DecisionSummary {
  change: Change
}

export async function authorisedChange(
  parts: AuthoriseParts,
  call: ChangeCall,
  reason: string | null = null,
): Promise<AuthorisedChange> {
  const readable = permits(parts, call, 'change.read')
  const may = (change: Change): boolean => readable(changeEntity(change), changeContext(change, null))
  const change = await resolveReference('change', call.params.change, parts.store.changes, may)
  const context = changeContext(change, reason)
  const decision = await authorise(parts, call, { resource: changeEntity(change), context, run: change.run })
  return { change, ...decision }
}

export async function changeById({ store }: Pick<AuthoriseParts, 'store'>, id: string): Promise<Change> {
  const change = await store.changes.get(id)
  if (!change)
    throw new ServiceError('not-found', `change ${id} does not exist`, { cure: 'see `glovebox change list`' })
  return change
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

/** Policy context of a change: who asked for its runs, the paths it touches, the reason of a decision. */
export function changeContext(change: Change, reason: string | null): Attributes {
  const { repository, target, commit, requester } = change
  const requesters = requestersOf(change)
  return {
    requester: requester.id,
    ...(requester.via ? { requesterVia: requester.via } : {}),
    requesters: distinct(requesters.map(({ id }) => id)),
    requesterVias: distinct(requesters.flatMap(({ via }) => via ?? [])),
    ...(reason === null ? {} : { reason }),
    repository,
    target,
    commit,
  }
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}
