// The store's database as a file, with the SQLite that is part of Node. Only one process writes it (folder-lock.ts).
import type { Database } from '../database.ts'
import { openReader, openWriter } from './open-database.ts'
import { SQLITE_SCHEMA } from './schema-dialect.ts'

/** Opens the database file and creates it if needed. */
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
    // A transaction takes the only write lock when it begins, so two transactions never overlap.
    lostRace: () => false,
    async [Symbol.asyncDispose]() {
      await reader.destroy()
      await writer.destroy()
    },
  }
}
