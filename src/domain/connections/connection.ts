// A connection: something outside that Glovebox reaches with a credential. A union by kind: a new kind is a file beside
// this one, an option in both unions, and a row in each table by kind: what is done with it (`src/credentials/kinds/`) and
// how it is shown (`src/cli/print/connections/`).
import { z } from 'zod'
import { ModelConnection } from './model-connection.ts'

export const Connection = z.discriminatedUnion('kind', [ModelConnection])
export type Connection = z.infer<typeof Connection>

/** The same without its name, which stands elsewhere: in a path of the API, or as a key of the configuration file. */
export const ConnectionDefinition = z.discriminatedUnion('kind', [ModelConnection.omit({ name: true })])

export type ConnectionKind = Connection['kind']
export type ConnectionOf<K extends ConnectionKind> = Extract<Connection, { kind: K }>

export function isOfKind<K extends ConnectionKind>(connection: Connection, kind: K): connection is ConnectionOf<K> {
  return connection.kind === kind
}
