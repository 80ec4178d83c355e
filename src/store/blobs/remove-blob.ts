// Removal of a blob that no event needs any more. Storing the same bytes again at the same time must win.
import { lstatSync, renameSync, unlinkSync } from 'node:fs'
import type { BlobFolders } from './blob-folders.ts'

/** Size in bytes; null if the file does not exist, or was written at this time or later (ms since the epoch). */
export function removableBytes(path: string, writtenBefore: number): number | null {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  return stats?.isFile() && stats.mtimeMs < writtenBefore ? stats.size : null
}

/**
 * Another thread may replace the file between a look at it and its removal. So the file is moved away first, looked at,
 * and moved back if it is a new one: both have the same bytes, and a new one stays. Synchronous, because no reader of
 * this process should see the gap.
 */
export function removeBlob(folders: BlobFolders, path: string, writtenBefore: number): boolean {
  if (removableBytes(path, writtenBefore) === null) return false
  const aside = folders.temporaryPath()
  renameSync(path, aside)
  if (removableBytes(aside, writtenBefore) === null) {
    renameSync(aside, path)
    return false
  }
  unlinkSync(aside)
  return true
}
