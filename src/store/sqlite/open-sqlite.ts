// The store's database as a file: SQLite, which Node brings along. One process writes it (folder-lock.ts).
import type { Database } from '../database.ts'
import { openReader, openWriter } from './open-database.ts'
import { SQLITE_SCHEMA } from './schema-dialect.ts'

/** Opens the file, and makes it if need be. */
export async function openSqlite(path: string): Promise<Database> {
  const writer = await openWriter(path)
  let reader
  try {
    reader = openReader(path)
  } catch (error) {
    await writer.destroy()
    throw error
  }
  return {
    writer,
    reader,
    dialect: SQLITE_SCHEMA,
    // A transaction takes the one write lock when it begins, so that none is under way beside it.
    lostRace: () => false,
    async [Symbol.asyncDispose]() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}
