// A lock for one writer process per data folder. It is SQLite's own exclusive lock on an otherwise empty file. The
// kernel releases it when the process ends, however it ends, so a lock is never stale. It works between processes of
// one machine and needs a file system with POSIX locks.
import { readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { createPrivately } from './open-database.ts'
import { privateFolder } from '../private-folder.ts'

const Holder = z.object({ pid: z.int().positive(), since: z.int().describe('milliseconds since the epoch') })
/** The process that claims to hold the folder. For display only, never for a decision: the file outlives a crash. */
export type FolderHolder = z.infer<typeof Holder>

const SQLITE_BUSY = 5
const MAX_HOLDER_CHARS = 1_000

/**
 * Locks the folder; null if another process, or another part of this process, holds it. Keep a reference to the result:
 * the lock is also released when the result is garbage-collected.
 */
export async function tryLockFolder(
  folder: string,
  holder: FolderHolder = thisProcess(),
): Promise<AsyncDisposable | null> {
  const root = resolve(folder)
  await privateFolder(root)
  const path = join(root, 'writer.lock')
  await createPrivately(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('begin exclusive')
    await writeHolder(root, holder)
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw error
  }
  let held = true
  return {
    async [Symbol.asyncDispose]() {
      if (!held) return
      held = false
      await unlink(holderPath(root)).catch(() => {})
      database.close()
    },
  }
}

/** The process that took the lock last and did not release it: the current holder, or a crashed process. */
export async function folderHolder(folder: string): Promise<FolderHolder | null> {
  try {
    const text = await readFile(holderPath(resolve(folder)), 'utf8')
    return Holder.safeParse(JSON.parse(text.slice(0, MAX_HOLDER_CHARS))).data ?? null
  } catch {
    return null
  }
}

function thisProcess(): FolderHolder {
  return { pid: process.pid, since: Date.now() }
}

function holderPath(root: string): string {
  return join(root, 'writer.json')
}

async function writeHolder(root: string, holder: FolderHolder): Promise<void> {
  const path = holderPath(root)
  await writeFile(`${path}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}
