// Writing a small blob in one go. Open, write and rename only touch the page cache, so they run synchronously; only the
// two fsyncs go to the thread pool. Six trips to the thread pool would take longer than the disk does, and the first
// byte of an answer waits for them.
import { hash } from 'node:crypto'
import { closeSync, fsync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import type { Digest } from '../../domain/events/fields.ts'
import type { BlobFolders } from './blob-folders.ts'

/** Largest blob that is written this way, in bytes. */
export const SMALL_BLOB = 256 * 1024

const sync = promisify(fsync)

/** Stores a blob like createBlobWriter() with one write: under its final name it is whole or does not exist. */
export async function putSmallBlob(
  folders: BlobFolders,
  content: Uint8Array,
): Promise<{ digest: Digest; bytes: number }> {
  const digest: Digest = `sha256:${hash('sha256', content, 'hex')}`
  const path = folders.pathOf(digest)
  const temporary = folders.temporaryPath()
  const written = writeDurably(temporary, content)
  try {
    await Promise.all([written, folders.ready(path)])
    renameSync(temporary, path)
  } catch (error) {
    await written.catch(() => {})
    removeQuietly(temporary)
    throw error
  }
  await syncOpened(openSync(dirname(path), 'r'))
  return { digest, bytes: content.length }
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  const file = openSync(path, 'wx', 0o600)
  await syncOpened(file, () => {
    for (let from = 0; from < content.length;) from += writeSync(file, content, from)
  })
}

async function syncOpened(file: number, first: () => void = () => {}): Promise<void> {
  try {
    first()
    await sync(file)
  } finally {
    closeSync(file)
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // The file was never created, or the next opening of the store deletes it.
  }
}
