// What a kind of connection has to say for itself.
import type { Connection } from '../../domain/connections/connection.ts'
import type { EventBody } from '../../domain/event.ts'
import type { AskOutside } from '../ask-outside.ts'
import type { ConnectionTest, Secret } from '../types.ts'

export interface KindOfConnection<C extends Connection> {
  /** Where its secret goes, as an origin: a secret that was given for one is not sent to another. */
  origin(connection: C): string
  /** What `connection.set` says of it besides what all kinds have in common; bounded, as an event is. */
  told(connection: C): Partial<EventBody<'connection.set'>>
  /** Why a secret can't be one of such a connection, without a word of it; null: it can. */
  problem(secret: Secret): string | null
  /** Whether the other side takes its secret. Rejects only when the signal aborts. */
  test(ask: AskOutside, connection: C, secret: Secret | null, signal: AbortSignal): Promise<ConnectionTest>
}
