import type { Kysely } from 'kysely'
import { listLog, placeAll } from '../events/log.ts'
import type { Schema } from '../schema.ts'
import type { Projection } from './projection.ts'

const PAGE = 1_000

/** Rebuilds projections from all events. Must run inside one transaction, while nothing else records. */
export async function rebuild(db: Kysely<Schema>, projections: readonly Projection[]): Promise<void> {
  await placeAll(db)
  for (const { tables } of projections) for (const table of tables) await db.deleteFrom(table).execute()
  for (let after = 0; ;) {
    const entries = await listLog(db, { after, limit: PAGE })
    const events = entries.map(({ event }) => event)
    for (const projection of projections) await projection.apply(db, events)
    if (entries.length < PAGE) return
    after = entries.at(-1)?.position ?? after
  }
}
