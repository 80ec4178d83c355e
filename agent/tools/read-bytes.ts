import { constants, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

export interface ReadBytes {
  bytes: Buffer
  /** Whether the file is longer than the limit. */
  more: boolean
}

/** The error for paths that are not regular files. Other failures throw Node's own errors. */
export class NotReadable extends Error {
  override readonly name = 'NotReadable'
}

/**
 * Reads up to `limit` bytes of a regular file. It opens the file with O_NONBLOCK, since opening a FIFO would wait for
 * ever, and reads to the end instead of the file's size, since files in /proc have size 0.
 */
export async function readBytes(path: string, limit: number): Promise<ReadBytes> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (stat.isDirectory()) throw new NotReadable(`${path} is a folder`)
    if (!stat.isFile()) throw new NotReadable(`${path} is not a regular file`)
    const bytes = await readUpTo(file, limit + 1)
    return { bytes: bytes.subarray(0, limit), more: bytes.length > limit }
  } finally {
    await file.close()
  }
}

async function readUpTo(file: FileHandle, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  while (total < limit) {
    const chunk = Buffer.allocUnsafe(Math.min(limit - total, 256 * 1024))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    total += bytesRead
  }
  return Buffer.concat(chunks)
}
