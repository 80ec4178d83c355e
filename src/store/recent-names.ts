// The newest ids and names in a data folder, for shell completion. It reads beside whoever holds the folder: it takes no
// lock, migrates nothing, and starts nothing.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DATABASE_FILE } from './database-file.ts'

const QUERIES = {
  runs: 'select id as name from runs order by created_at desc, id desc limit 20',
  changes: 'select id as name from changes order by created_at desc, id desc limit 20',
  asks: "select id as name from asks where status = 'open' order by opened_at desc, id desc limit 20",
  connections: 'select name from connections order by name limit 100',
  credentials: 'select name from credentials order by name limit 100',
} as const

export type NamedTable = keyof typeof QUERIES

/** Names in the grammar of ids and names; another one could be code for the shell that reads it. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Newest first. Empty if there is no database, or one of another version: completion has no way to report an error. */
export function recentNames(dataFolder: string, table: NamedTable): string[] {
  try {
    using database = new DatabaseSync(join(dataFolder, DATABASE_FILE), {
      readOnly: true,
      timeout: 100,
      defensive: true,
    })
    database.exec('pragma trusted_schema = off')
    const rows = database.prepare(QUERIES[table]).all()
    return rows.map(({ name }) => String(name)).filter((name) => NAME.test(name))
  } catch {
    return []
  }
}
