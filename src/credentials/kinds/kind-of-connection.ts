// The interface that each kind of connection implements.
import type { Connection } from '../../domain/connections/connection.ts'
import type { EventBody } from '../../domain/event.ts'
import type { AskOutside } from '../ask-outside.ts'
import type { ConnectionTest, Secret } from '../types.ts'

export interface KindOfConnection<C extends Connection> {
  /** The origin that its secret is sent to. A secret that was set for one origin is never sent to another. */
  origin(connection: C): string
  /** The fields of the event `connection.set` that only this kind has; bounded in size, like every event. */
  told(connection: C): Partial<EventBody<'connection.set'>>
  /** Why this kind cannot use the secret, without quoting it; null if it can. */
  problem(secret: Secret): string | null
  /** Tests whether the provider accepts its secret. Rejects only if the signal aborts. */
  test(ask: AskOutside, connection: C, secret: Secret | null, signal: AbortSignal): Promise<ConnectionTest>
}
