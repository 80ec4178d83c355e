// Connections have a kind. All that there were are of models.
import type { Kysely } from 'kysely'
import type { Migration } from '../migrate.ts'

interface Rows {
  connections: { name: string; definition: string }
}

export const connectionKinds: Migration = { version: 10, name: 'kinds of connections', up }

async function up(given: Kysely<unknown>): Promise<void> {
  const db = given as Kysely<Rows>
  for (const { name, definition } of await db.selectFrom('connections').select(['name', 'definition']).execute()) {
    const known = parse(definition)
    // A row that Glovebox did not write is refused when it is read (src/store/tables/connections.ts).
    if (typeof known !== 'object' || known === null) continue
    const changed = JSON.stringify({ kind: 'model', ...known })
    await db.updateTable('connections').set({ definition: changed }).where('name', '=', name).execute()
  }
}

function parse(definition: string): unknown {
  try {
    return JSON.parse(definition)
  } catch {
    return null
  }
}
