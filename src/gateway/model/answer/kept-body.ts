// Stores a body while it is passed on: a small body is kept in memory until its end, a large one goes into a growing blob.
import type { Digest } from '../../../domain/events/fields.ts'
import type { BlobStore, BlobWriter } from '../../../store/types.ts'

/** Bytes to collect before each write, because a stream consists of many small pieces. */
const GATHERED = 256 * 1024

export interface KeptBody {
  /** Resolves when there is room for more bytes; rejects if the body cannot be stored. */
  add(bytes: Uint8Array): Promise<void> | undefined
  /** Resolves with the digest of the body; null if the body is empty. */
  finish(): Promise<Digest | null>
  abort(): Promise<void>
}

export function keepBody(blobs: BlobStore): KeptBody {
  let parts: Uint8Array[] = []
  let gathered = 0
  let writer: BlobWriter | null = null

  async function flush(): Promise<void> {
    const bytes = Buffer.concat(parts)
    parts = []
    gathered = 0
    writer ??= await blobs.writer()
    await writer.write(bytes)
  }

  return {
    add(bytes) {
      if (bytes.byteLength === 0) return undefined
      parts.push(bytes)
      gathered += bytes.byteLength
      return gathered >= GATHERED ? flush() : undefined
    },
    async finish() {
      if (writer === null) return gathered === 0 ? null : (await blobs.put(Buffer.concat(parts))).digest
      if (gathered > 0) await flush()
      return (await writer.finish()).digest
    },
    async abort() {
      await writer?.abort()
    },
  }
}
