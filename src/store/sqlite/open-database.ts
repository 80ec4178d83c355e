import { chmod, lstat, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { syncFolder } from '../private-folder.ts'
import type { Schema } from '../schema.ts'
import { sqliteDialect } from './dialect.ts'
import { StoreError } from '../store-error.ts'

/**
 * How long a writer waits for another process, in ms. Short, because the wait blocks this process and one writer is the
 * rule.
 */
const BUSY_TIMEOUT_MS = 2_000

/** Opens the connection that writes; creates the file. */
export async function openWriter(path: string): Promise<Kysely<Schema>> {
  await createPrivately(path)
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true })
  try {
    database.exec('pragma journal_mode = wal')
    // FULL, not NORMAL: with WAL only FULL makes a commit survive the loss of power (invariant 3).
    database.exec('pragma synchronous = full')
    database.exec('pragma foreign_keys = on')
    database.exec('pragma trusted_schema = off')
    database.exec('pragma cell_size_check = on')
    // With it, INSERT OR REPLACE fires the trigger that refuses to delete an event.
    database.exec('pragma recursive_triggers = on')
    database.exec('pragma journal_size_limit = 67108864')
  } catch (error) {
    database.close()
    throw error
  }
  return new Kysely<Schema>({ dialect: sqliteDialect(database) })
}

/** Opens a read-only connection. It sees only committed rows, also while a transaction is under way on the writer. */
export function openReader(path: string): Kysely<Schema> {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true, readOnly: true })
  database.exec('pragma trusted_schema = off')
  return new Kysely<Schema>({ dialect: sqliteDialect(database) })
}

// SQLite gives the write-ahead log and its index the mode of the database file, so the database file is made first. An
// existing file is not opened: closing it would drop the POSIX locks that SQLite may hold on it in this process.
export async function createPrivately(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.close()
    await syncFolder(dirname(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (!(await lstat(path)).isFile())
      throw new StoreError('insecure-folder', `${path} is not a regular file; remove it or choose another data folder`)
    await chmod(path, 0o600)
  }
}
