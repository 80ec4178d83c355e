// All kinds of store. Tests of the common behaviour run on each of them: `describe.each(STORES)`.
import { copyFileSync, existsSync } from 'node:fs'
import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DATABASE_FILE } from '../../src/store/database-file.ts'
import type { Store } from '../../src/store/types.ts'
import { open } from './sample-records.ts'

export interface StoreKind {
  name: string
  /** Opens a store in a folder that is empty or contains a store of this kind. */
  open(folder: string): Promise<Store>
  /** Copies to the folder `to` the state that a crash at this moment would leave of the store in `from`. */
  crash(from: string, to: string): Promise<void>
}

const SQLITE: StoreKind = {
  name: 'SQLite',
  open,
  async crash(from, to) {
    // In one turn of the event loop: SQLite works in this thread, so none of its writes is under way.
    for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`])
      if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file))
    await copyBlobs(from, to)
  },
}

export const STORES: readonly StoreKind[] = [SQLITE]

async function copyBlobs(from: string, to: string): Promise<void> {
  if ((await readdir(from)).includes('blobs')) await cp(join(from, 'blobs'), join(to, 'blobs'), { recursive: true })
}
