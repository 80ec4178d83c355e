// Sets a connection.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import { type ConnectionParts, describeConnection } from './read-connections.ts'

export async function setConnection(
  parts: ConnectionParts,
  call: Call<'setConnection'>,
): Promise<Answer<'setConnection'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const connection = { name: call.params.connection, ...call.body }
  await parts.connections.set(call.caller.actor, connection)
  return describeConnection(parts, connection)
}
