// The answer for contents that a pruning removed.
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

/** The error for missing contents of a run; null if none of its contents were removed. `what` starts the sentence. */
export async function removedContents(
  { store }: Pick<ServiceParts, 'store'>,
  run: string,
  what: string,
): Promise<ServiceError | null> {
  const removal = (await store.events.list({ run, kinds: ['run.pruned'] })).at(-1)
  if (removal === undefined) return null
  const date = new Date(removal.time).toISOString().slice(0, 10)
  return new ServiceError('removed', `${what} was removed by retention on ${date}`, {
    cure: `the events of run ${run} are still there: \`glovebox trace ${run}\``,
  })
}
