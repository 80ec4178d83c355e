import { join, resolve } from 'node:path'
import type { IdSource } from '../domain/ids.ts'
import { openFolderBlobs } from './blobs/folder-blobs.ts'
import { composeStore } from './compose-store.ts'
import { DATABASE_FILE } from './database-file.ts'
import { migrate } from './migrate.ts'
import { MIGRATIONS } from './migrations/all.ts'
import { privateFolder } from './private-folder.ts'
import { openSqlite } from './sqlite/open-sqlite.ts'
import type { Store } from './types.ts'

export interface StoreOptions {
  ids: IdSource
  /**
   * Aborts the opening only. An open store ends only by its disposal, since the end of a run must still be recorded.
   */
  signal?: AbortSignal
}

/**
 * Opens the store in a data folder and creates it if needed. The caller holds the folder's lock
 * (sqlite/folder-lock.ts).
 */
export async function openStore(folder: string, { ids, signal }: StoreOptions): Promise<Store> {
  signal?.throwIfAborted()
  await using opening = new AsyncDisposableStack()
  const root = resolve(folder)
  await privateFolder(root)
  const blobs = await openFolderBlobs(root)
  const database = opening.use(await openSqlite(join(root, DATABASE_FILE)))
  await migrate(database, MIGRATIONS, () => ids.now())
  signal?.throwIfAborted()
  opening.move()
  return composeStore(database, blobs, ids)
}
