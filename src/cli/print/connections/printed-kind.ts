// The interface for printing the fields that only one kind of connection has.
import type { ConnectionInfo } from '../../../contract/connections.ts'

export interface PrintedKind<C extends ConnectionInfo> {
  /** Two cells of the list: its API, and its models. */
  summary(connection: C): readonly [string, string]
  /** Pairs of name and value. */
  rows(connection: C): readonly (readonly string[])[]
}
