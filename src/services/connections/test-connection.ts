// Whether a provider takes the key of a connection. The use of the key is on the record before it is sent.
import type { ConnectionTestResult } from '../../contract/connections.ts'
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { findConnection } from './read-connections.ts'

export async function testConnection(
  parts: ServiceParts,
  actor: Actor,
  name: string,
  signal: AbortSignal,
): Promise<ConnectionTestResult> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  const connection = await findConnection(parts, name)
  const secret = await parts.secrets.read(connection, signal)
  if (secret !== null) {
    const body = { connection: name, purpose: 'connection test', host: new URL(connection.url).host }
    await parts.store.record([{ run: null, source: 'platform', actor, kind: 'credential.used', body }])
  }
  const test = await parts.testConnection(connection, secret, signal)
  return { connection: name, ...test, missing: [...test.missing] }
}
