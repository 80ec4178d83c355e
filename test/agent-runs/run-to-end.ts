// A run of the task of these tests by way of the services, where a test puts a part of its own into the context.
import type { openContext } from '../../src/context.ts'
import type { Event } from '../../src/domain/event.ts'
import { TASK } from './repair-task.ts'

export const ADA = { id: 'user:ada' }

/** All its events, once it is over. */
export async function runToEnd(
  { services }: Pick<Awaited<ReturnType<typeof openContext>>, 'services'>,
  repository: string,
): Promise<Event[]> {
  const run = await services.startRun(ADA, {
    work: { kind: 'task', name: TASK, inputs: {} },
    repository,
    ref: null,
    mode: null,
    sandbox: null,
    advisories: null,
    agent: { name: null, connection: null, model: null },
  })
  const events: Event[] = []
  const never = new AbortController().signal
  for await (const event of services.readEvents(ADA, run.id, { follow: true }, never)) events.push(event)
  return events
}
