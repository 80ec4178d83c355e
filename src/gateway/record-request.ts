import type { EventBody, NewEvent } from '../domain/event.ts'
import type { GatewayContext } from './types.ts'

export type RequestRecord = EventBody<'net.requested'>

/** Resolves when the record is durable. If it rejects, the caller must refuse the request (invariant 3). */
export async function recordRequest(
  context: GatewayContext,
  body: RequestRecord,
  before: readonly NewEvent[] = [],
): Promise<void> {
  const { id, actor } = context.run
  await context.recorder.record([...before, { run: id, source: 'gateway', actor, kind: 'net.requested', body }])
}
