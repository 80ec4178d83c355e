// A connection: an outside service that Glovebox reaches with a credential. It is a union by kind. A new kind needs a
// file beside this one, an option in both unions, and a row in each table by kind: its operations
// (`src/credentials/kinds/`) and its output (`src/cli/print/connections/`).
import { z } from 'zod'
import { ModelConnection } from './model-connection.ts'

export const Connection = z.discriminatedUnion('kind', [ModelConnection])
export type Connection = z.infer<typeof Connection>

/** A connection without its name, which is in the path of an API call or the key in the configuration file. */
export const ConnectionDefinition = z.discriminatedUnion('kind', [ModelConnection.omit({ name: true })])

export type ConnectionKind = Connection['kind']
export type ConnectionOf<K extends ConnectionKind> = Extract<Connection, { kind: K }>

export function isOfKind<K extends ConnectionKind>(connection: Connection, kind: K): connection is ConnectionOf<K> {
  return connection.kind === kind
}
