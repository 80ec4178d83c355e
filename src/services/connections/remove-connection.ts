// Removes a connection.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ConnectionParts } from './read-connections.ts'

export async function removeConnection(
  parts: ConnectionParts,
  call: Call<'removeConnection'>,
): Promise<Answer<'removeConnection'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { connection } = call.params
  await parts.connections.remove(call.caller.actor, connection)
  return { removed: connection }
}
