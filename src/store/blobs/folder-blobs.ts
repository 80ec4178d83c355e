// Blobs: `<folder>/blobs/sha256/ab/abcdef…`, named by the SHA-256 of their bytes.
import { hash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Digest } from '../../domain/events/fields.ts'
import { BlobFolders } from './blob-folders.ts'
import { createBlobWriter } from './blob-writer.ts'
import { putSmallBlob, SMALL_BLOB } from './small-blob.ts'
import { StoreError } from '../store-error.ts'
import type { BlobStore } from '../types.ts'

/** What read() takes into memory, in bytes; larger blobs are streamed from path(). */
const MAX_READ = 1024 ** 3

/** One per data folder at a time: whatever lies in the folder for unfinished writes is taken for a crash's remains. */
export async function openFolderBlobs(dataFolder: string): Promise<BlobStore> {
  const folders = new BlobFolders(join(dataFolder, 'blobs'))
  await folders.create()
  await sweep(folders.unfinished)
  return {
    writer: () => createBlobWriter(folders),
    async put(bytes) {
      if (bytes.length <= SMALL_BLOB) return await putSmallBlob(folders, bytes)
      const writer = await createBlobWriter(folders)
      try {
        await writer.write(bytes)
        return await writer.finish()
      } finally {
        await writer.abort()
      }
    },
    async read(digest) {
      const path = folders.pathOf(parsed(digest))
      const bytes = await readRegularFile(path)
      if (bytes === null) return null
      if (`sha256:${hash('sha256', bytes, 'hex')}` !== digest) {
        throw new StoreError('blob-altered', `the bytes of blob ${digest} are not the ones that were stored`)
      }
      return bytes
    },
    async path(digest) {
      const path = folders.pathOf(parsed(digest))
      return (await isRegularFile(path)) ? path : null
    },
  }
}

function parsed(digest: string): Digest {
  const result = Digest.safeParse(digest)
  if (!result.success) throw new StoreError('bad-digest', `${JSON.stringify(digest)} is no digest of a blob`)
  return result.data
}

async function readRegularFile(path: string): Promise<Uint8Array | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const { size } = await file.stat()
    if (size > MAX_READ) throw new StoreError('too-large', `a blob of ${size} bytes is too large to be read at once`)
    return await file.readFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function isRegularFile(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isFile()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await unlink(join(folder, name))
}
