// Reading a blob. Its bytes are checked against its digest before the last of them is handed out.
import { createHash, hash } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Digest } from '../../domain/events/fields.ts'
import { StoreError } from '../store-error.ts'

/** Largest blob that is read into memory at once, in bytes; larger blobs are streamed. */
const MAX_READ = 1024 ** 3
const CHUNK = 256 * 1024

/** Size in bytes; null if the path does not exist or is not a regular file. */
export async function sizeOfBlob(path: string): Promise<number | null> {
  const stats = await unlessMissing(lstat(path))
  return stats?.isFile() ? stats.size : null
}

/** The bytes; null if the file does not exist. StoreError `too-large` or `blob-altered`. */
export async function readBlob(path: string, digest: Digest): Promise<Uint8Array | null> {
  await using file = await unlessMissing(openRegular(path))
  if (file === null) return null
  const { size } = await file.stat()
  if (size > MAX_READ) throw new StoreError('too-large', `a blob of ${size} bytes is too large to be read at once`)
  const bytes = await file.readFile()
  if (`sha256:${hash('sha256', bytes, 'hex')}` !== digest) throw altered(digest)
  return bytes
}

/** Streams a blob. An altered blob ends in an error before its last chunk, so that no reader takes it for complete. */
export async function* streamBlob(path: string, digest: Digest): AsyncGenerator<Uint8Array, void, undefined> {
  await using file = await openRegular(path)
  const hashed = createHash('sha256')
  let held: Uint8Array | null = null
  for (let reading = readChunk(file); ;) {
    const chunk = await reading
    if (chunk.length === 0) break
    // The disk works while this chunk is hashed and used.
    reading = readChunk(file)
    hashed.update(chunk)
    if (held !== null) yield held
    held = chunk
  }
  if (`sha256:${hashed.digest('hex')}` !== digest) throw altered(digest)
  if (held !== null) yield held
}

/** The next chunk; empty at the end of the file. Each chunk has its own buffer, so the receiver may keep it. */
function readChunk(file: FileHandle): Promise<Uint8Array> {
  const reading = file
    .read(Buffer.allocUnsafeSlow(CHUNK))
    .then(({ bytesRead, buffer }) => buffer.subarray(0, bytesRead))
  // A consumer that stops early never awaits the chunk read ahead, so its rejection is handled here.
  reading.catch(() => {})
  return reading
}

async function openRegular(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function altered(digest: Digest): StoreError {
  return new StoreError('blob-altered', `the bytes of blob ${digest} are not the ones that were stored`)
}
