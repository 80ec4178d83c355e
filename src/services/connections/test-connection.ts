// Tests whether a provider accepts the key of a connection. The use of the key is recorded before the key is sent.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { type ConnectionParts, findConnection } from './read-connections.ts'

export async function testConnection(
  parts: ConnectionParts & Pick<ServiceParts, 'secrets' | 'testConnection'>,
  call: Call<'testConnection'>,
): Promise<Answer<'testConnection'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { actor } = call.caller
  const connection = await findConnection(parts, call.params.connection)
  const secret = await parts.secrets.read(connection, call.signal)
  if (secret !== null) {
    const body = { connection: connection.name, purpose: 'connection test', host: new URL(connection.url).host }
    await parts.store.record([{ run: null, source: 'platform', actor, kind: 'credential.used', body }])
  }
  const test = await parts.testConnection(connection, secret, call.signal)
  return { connection: connection.name, ...test, missing: [...test.missing] }
}
