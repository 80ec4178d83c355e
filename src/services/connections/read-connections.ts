// The model connections, as they are shown.
import type { ConnectionInfo } from '../../contract/connections.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Connection, SecretSource } from '../../domain/connection.ts'
import { isUnencrypted } from '../../domain/unencrypted.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { ServiceError } from '../types.ts'

export async function listConnections(parts: ServiceParts, actor: Actor): Promise<readonly ConnectionInfo[]> {
  await authorise(parts, actor, { action: 'connection.read', resource: INSTANCE, run: null })
  return (await parts.connections.list()).map((connection) => describeConnection(parts, connection))
}

export async function getConnection(parts: ServiceParts, actor: Actor, name: string): Promise<ConnectionInfo> {
  await authorise(parts, actor, { action: 'connection.read', resource: INSTANCE, run: null })
  return describeConnection(parts, await findConnection(parts, name))
}

export async function findConnection(parts: ServiceParts, name: string): Promise<Connection> {
  const found = await parts.connections.get(name)
  if (found !== null) return found
  throw new ServiceError('not-found', `there is no connection ${name}`, { cure: 'see `glovebox connection list`' })
}

export function describeConnection(parts: ServiceParts, connection: Connection): ConnectionInfo {
  const { credential, ...same } = connection
  const origin = parts.connections.inFile(connection.name) ? 'file' : 'api'
  const shown = describeSource(connection.name, credential)
  return { ...same, credential: shown, unencrypted: isUnencrypted(connection), origin }
}

function describeSource(connection: string, source: SecretSource): string {
  switch (source.from) {
    case 'stored':
      return `stored as ${source.name ?? connection}`
    case 'environment':
      return `the variable ${source.variable}`
    case 'file':
      return `the file ${source.path}`
    case 'command':
      return `the command ${source.argv[0]}`
    case 'vault':
      return `Vault at ${source.address}, ${source.mount}/${source.path}, field ${source.field}`
    case 'none':
      return 'none'
  }
}
