// A run of the task of these tests by way of the services, where a test puts a part of its own into the context.
import type { Event } from '../../src/domain/event.ts'
import type { Context } from '../../src/services/types.ts'
import { clientOf } from '../services/client-of.ts'
import { TASK } from './repair-task.ts'

export const ADA = { id: 'user:ada' }

/** All its events, once it is over. */
export async function runToEnd({ services }: Pick<Context, 'services'>, repository: string): Promise<Event[]> {
  const client = clientOf(services, ADA)
  const run = await client.startRun({ body: { work: { kind: 'task', name: TASK }, repository } })
  const events: Event[] = []
  for await (const event of await client.readEvents({ params: { run: run.id }, query: { follow: true } }))
    events.push(event)
  return events
}
