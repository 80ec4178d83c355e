// Runs the task of these tests through the services, for tests that replace a part of the context.
import type { Event } from '../../src/domain/event.ts'
import type { Context } from '../../src/services/types.ts'
import { clientOf } from '../services/client-of.ts'
import { TASK } from './repair-task.ts'

export const ADA = { id: 'user:ada' }

/** Resolves with all events of the run once it has finished. */
export async function runToEnd({ services }: Pick<Context, 'services'>, repository: string): Promise<Event[]> {
  const client = clientOf(services, ADA)
  const run = await client.startRun({ body: { work: { kind: 'task', name: TASK }, repository } })
  const events: Event[] = []
  for await (const event of await client.readEvents({ params: { run: run.id }, query: { follow: true } }))
    events.push(event)
  return events
}
