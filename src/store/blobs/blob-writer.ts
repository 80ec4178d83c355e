import { createHash } from 'node:crypto'
import type { Hash } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../domain/events/fields.ts'
import { syncFolder } from '../private-folder.ts'
import { StoreError } from '../store-error.ts'
import type { BlobWriter } from '../types.ts'
import type { BlobFolders } from './blob-folders.ts'
import { putSmallBlob, SMALL_BLOB } from './small-blob.ts'

const READ_BYTES = 64 * 1024
const NOTHING = new Uint8Array()

interface LargeBlob {
  path: string
  file: FileHandle
  hash: Hash
}

/**
 * A writer for one blob. It holds a small blob in memory and writes it in one go at the end (small-blob.ts). It streams
 * a larger blob into a file: temp file, fsync, rename, fsync of the folder. Under its final name a blob is whole or
 * does not exist. An existing blob is replaced, so storing the same bytes again repairs an altered blob.
 */
export function createBlobWriter(folders: BlobFolders): BlobWriter {
  const held: Uint8Array[] = []
  let large: LargeBlob | null = null
  let bytes = 0
  let state: 'open' | 'failed' | 'over' = 'open'
  let last: Promise<unknown> = Promise.resolve()

  /**
   * Runs the steps one at a time, in call order. After a failure the content is in doubt, so later steps are refused.
   */
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

  async function write(chunk: Uint8Array): Promise<void> {
    bytes += chunk.length
    if (large === null && bytes <= SMALL_BLOB) {
      // A copy: the caller may reuse the chunk once this call has resolved.
      held.push(new Uint8Array(chunk))
      return
    }
    if (large === null) {
      large = await startLarge(folders)
      for (const part of held.splice(0)) await writeAll(large, part)
    }
    await writeAll(large, chunk)
  }

  async function read(offset: number): Promise<Uint8Array> {
    if (state !== 'open' || offset >= bytes) return NOTHING
    if (large === null) return Buffer.concat(held).subarray(offset)
    const { buffer, bytesRead } = await large.file.read(Buffer.allocUnsafeSlow(READ_BYTES), 0, READ_BYTES, offset)
    return buffer.subarray(0, bytesRead)
  }

  async function finish() {
    const digest = await (large === null ? finishSmall(folders, held) : finishLarge(folders, large))
    state = 'over'
    return { digest, bytes }
  }

  async function abort() {
    if (state === 'over') return
    state = 'over'
    held.length = 0
    if (large === null) return
    await large.file.close().catch(() => {})
    await unlink(large.path).catch(() => {})
  }

  return {
    write: (chunk) => next(() => write(chunk)),
    read(offset) {
      const result = last.then(() => read(offset))
      last = result.catch(() => {})
      return result
    },
    finish: () => next(finish),
    abort: () => {
      const result = last.then(abort)
      last = result
      return result
    },
  }
}

async function finishSmall(folders: BlobFolders, held: readonly Uint8Array[]): Promise<Digest> {
  return (await putSmallBlob(folders, Buffer.concat(held))).digest
}

async function startLarge(folders: BlobFolders): Promise<LargeBlob> {
  const path = folders.temporaryPath()
  return { path, file: await open(path, 'wx+', 0o600), hash: createHash('sha256') }
}

async function writeAll({ file, hash }: LargeBlob, chunk: Uint8Array): Promise<void> {
  // This thread hashes the chunk while the disk writes it.
  const [first] = await Promise.all([file.write(chunk), hash.update(chunk)])
  for (let from = first.bytesWritten; from < chunk.length;) from += (await file.write(chunk, from)).bytesWritten
}

async function finishLarge(folders: BlobFolders, { path: temporary, file, hash }: LargeBlob): Promise<Digest> {
  await file.sync()
  await file.close()
  const digest = `sha256:${hash.digest('hex')}`
  const path = folders.pathOf(digest)
  await folders.ready(path)
  await rename(temporary, path)
  await syncFolder(dirname(path))
  return digest
}
