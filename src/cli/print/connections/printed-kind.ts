// What is shown of a connection beyond what all kinds have in common.
import type { ConnectionInfo } from '../../../contract/connections.ts'

export interface PrintedKind<C extends ConnectionInfo> {
  /** Two cells of the list: what it speaks, and what it offers. */
  summary(connection: C): readonly [string, string]
  /** Name and value, line by line. */
  rows(connection: C): readonly (readonly string[])[]
}
