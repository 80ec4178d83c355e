import { createHash } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { BlobFolders } from './blob-folders.ts'
import { syncFolder } from './private-folder.ts'
import { StoreError } from './store-error.ts'
import type { BlobWriter } from './types.ts'

/**
 * Temp file, fsync, rename, fsync of the folder: under its name a blob is whole or not there. A blob that exists is
 * replaced, so storing the bytes again also heals one that was altered.
 */
export async function createBlobWriter(folders: BlobFolders): Promise<BlobWriter> {
  const temporary = folders.temporaryPath()
  const file = await open(temporary, 'wx', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  let state: 'open' | 'failed' | 'over' = 'open'
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time and in the order of the calls; after a failure the content is in doubt, so nothing follows it. */
  function next<T>(step: () => Promise<T>): Promise<T> {
    const result = last.then(async () => {
      if (state === 'over') throw new StoreError('writer-over', 'this blob is finished or aborted')
      if (state === 'failed') throw new StoreError('writer-over', 'an earlier write of this blob failed')
      try {
        return await step()
      } catch (error) {
        state = 'failed'
        throw error
      }
    })
    last = result.catch(() => {})
    return result
  }

  async function writeAll(chunk: Uint8Array): Promise<void> {
    // While the disk has the chunk, this thread hashes it.
    const [first] = await Promise.all([file.write(chunk), hash.update(chunk)])
    for (let from = first.bytesWritten; from < chunk.length;) from += (await file.write(chunk, from)).bytesWritten
    bytes += chunk.length
  }

  async function finish() {
    await file.sync()
    await file.close()
    const digest = `sha256:${hash.digest('hex')}`
    const path = folders.pathOf(digest)
    await folders.ready(path)
    await rename(temporary, path)
    await syncFolder(dirname(path))
    state = 'over'
    return { digest, bytes }
  }

  async function abort() {
    if (state === 'over') return
    state = 'over'
    await file.close().catch(() => {})
    await unlink(temporary).catch(() => {})
  }

  return {
    write: (chunk) => next(() => writeAll(chunk)),
    finish: () => next(finish),
    abort: () => {
      const result = last.then(abort)
      last = result
      return result
    },
  }
}
