import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import type { Schema } from '../schema.ts'

/**
 * A table derived from events. It is updated in the transaction that writes them: queries are cheap and never stale.
 */
export interface Projection {
  readonly name: string
  /** Its tables; nothing else writes them. */
  readonly tables: readonly (keyof Schema)[]
  /**
   * Applies events. Events of one run come in their order, events of different runs in any order. The result must not
   * depend on how the events are split into calls: rebuild() relies on that.
   */
  apply(db: Kysely<Schema>, events: readonly Event[]): Promise<void>
}
