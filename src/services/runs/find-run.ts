// Lookup of the run that a call names, with authorisation of the caller.
import type { Run } from '../../domain/run.ts'
import type { Attributes, EntityRef } from '../../policy/types.ts'
import { authorise, type Asking, type AuthoriseParts, permits } from '../authorise.ts'
import { resolveReference } from '../resolve-reference.ts'

export type RunCall = Asking & { readonly params: { readonly run: string } }

export async function authorisedRun(parts: AuthoriseParts, call: RunCall): Promise<Run> {
  const run = await findRun(parts, call, call.params.run)
  await authorise(parts, call, { resource: runEntity(run), context: runContext(run), run: run.id })
  return run
}

/** Searches among the runs that the caller may read. Does not authorise the call yet. */
export function findRun(parts: AuthoriseParts, call: Asking, reference: string): Promise<Run> {
  const permitted = permits(parts, call, 'run.read')
  return resolveReference('run', reference, parts.store.runs, (run) => permitted(runEntity(run), runContext(run)))
}

export function runEntity(run: Run): EntityRef {
  const { task, taskSource, mode, repository, sandbox, status } = run
  return {
    type: 'Run',
    id: run.id,
    attributes: { task, taskSource, mode, repository, sandbox, status, requester: run.requester.id },
  }
}

export function runContext({ requester }: Run): Attributes {
  return { requester: requester.id }
}
