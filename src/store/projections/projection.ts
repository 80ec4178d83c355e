import type { Kysely } from 'kysely'
import type { Event } from '../../domain/event.ts'
import type { Schema } from '../schema.ts'

/** What events add up to, kept in the transaction that writes them, so that asking is cheap and the answer never old. */
export interface Projection {
  readonly name: string
  /** Its own tables, which nobody else writes. */
  readonly tables: readonly (keyof Schema)[]
  /**
   * Adds events to what it has. The events of one run come in their order, those of several runs in any. In whatever
   * portions they come, the result is the same: that is what rebuilding rests on.
   */
  apply(db: Kysely<Schema>, events: readonly Event[]): Promise<void>
}
