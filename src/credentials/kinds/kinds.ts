// The implementation of each kind of connection. A kind without a row does not compile.
import type { Connection, ConnectionKind, ConnectionOf } from '../../domain/connections/connection.ts'
import type { KindOfConnection } from './kind-of-connection.ts'
import { modelKind } from './model-kind.ts'

const KINDS: { readonly [K in ConnectionKind]: KindOfConnection<ConnectionOf<K>> } = { model: modelKind }

export function kindOf({ kind }: Pick<Connection, 'kind'>): KindOfConnection<Connection> {
  return KINDS[kind]
}
