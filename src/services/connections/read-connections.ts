// Lists the connections and shows one of them.
import type { Answer, Call } from '../../contract/call.ts'
import type { ConnectionInfo } from '../../contract/connections.ts'
import type { Connection } from '../../domain/connections/connection.ts'
import type { SecretSource } from '../../domain/connections/secret-source.ts'
import { isUnencrypted } from '../../domain/unencrypted.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { pageOfNamed } from '../read-page.ts'
import { ServiceError } from '../types.ts'

export type ConnectionParts = AuthoriseParts & Pick<ServiceParts, 'connections'>

export async function listConnections(
  parts: ConnectionParts,
  call: Call<'listConnections'>,
): Promise<Answer<'listConnections'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { items, next } = pageOfNamed(await parts.connections.list(), call.query, ({ name }) => name)
  return { connections: items.map((connection) => describeConnection(parts, connection)), next }
}

export async function getConnection(
  parts: ConnectionParts,
  call: Call<'getConnection'>,
): Promise<Answer<'getConnection'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  return describeConnection(parts, await findConnection(parts, call.params.connection))
}

export async function findConnection(parts: Pick<ServiceParts, 'connections'>, name: string): Promise<Connection> {
  const found = await parts.connections.get(name)
  if (found !== null) return found
  throw new ServiceError('not-found', `there is no connection ${name}`, { cure: 'see `glovebox connection list`' })
}

export function describeConnection(parts: Pick<ServiceParts, 'connections'>, connection: Connection): ConnectionInfo {
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
