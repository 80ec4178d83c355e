// Set a model connection.
import type { ConnectionInfo } from '../../contract/connections.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Connection } from '../../domain/connection.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { describeConnection } from './read-connections.ts'

export async function setConnection(
  parts: ServiceParts,
  actor: Actor,
  connection: Connection,
): Promise<ConnectionInfo> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  await parts.connections.set(actor, connection)
  return describeConnection(parts, connection)
}
