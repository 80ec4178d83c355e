// Blobs as files: `<folder>/blobs/sha256/ab/abcdef…`, named by the SHA-256 of their bytes.
import { readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Digest } from '../../domain/events/fields.ts'
import { StoreError } from '../store-error.ts'
import type { RemovingBlobStore } from '../types.ts'
import { BlobFolders } from './blob-folders.ts'
import { createBlobWriter } from './blob-writer.ts'
import { removableBytes, removeBlob } from './remove-blob.ts'
import { readBlob, sizeOfBlob, streamBlob } from './read-blob.ts'
import { putSmallBlob, SMALL_BLOB } from './small-blob.ts'

/**
 * Opens the blob store. Only one may be open per data folder: opening deletes all unfinished writes as left by a crash.
 */
export async function openFolderBlobs(dataFolder: string): Promise<RemovingBlobStore> {
  const folders = new BlobFolders(join(dataFolder, 'blobs'))
  await folders.create()
  await sweep(folders.unfinished)
  return {
    writer: async () => createBlobWriter(folders),
    async put(bytes) {
      if (bytes.length <= SMALL_BLOB) return await putSmallBlob(folders, bytes)
      const writer = createBlobWriter(folders)
      try {
        await writer.write(bytes)
        return await writer.finish()
      } finally {
        await writer.abort()
      }
    },
    async open(given) {
      const digest = parsed(given)
      const path = folders.pathOf(digest)
      const bytes = await sizeOfBlob(path)
      return bytes === null ? null : { bytes, stream: () => streamBlob(path, digest) }
    },
    async read(given) {
      const digest = parsed(given)
      return await readBlob(folders.pathOf(digest), digest)
    },
    async removable(given, writtenBefore) {
      return removableBytes(folders.pathOf(parsed(given)), writtenBefore)
    },
    async remove(given, writtenBefore) {
      return removeBlob(folders, folders.pathOf(parsed(given)), writtenBefore)
    },
  }
}

function parsed(digest: string): Digest {
  const result = Digest.safeParse(digest)
  if (!result.success) throw new StoreError('bad-digest', `${JSON.stringify(digest)} is not the digest of a blob`)
  return result.data
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await unlink(join(folder, name))
}
