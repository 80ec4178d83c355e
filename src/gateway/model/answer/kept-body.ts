// A body is kept while it passes: small ones in memory until they end, large ones as a blob that grows.
import type { Digest } from '../../../domain/events/fields.ts'
import type { BlobStore, BlobWriter } from '../../../store/types.ts'

/** Bytes that are gathered before they are written: a stream is many small pieces. */
const GATHERED = 256 * 1024

export interface KeptBody {
  /** Resolves when there is room for more; rejects when it can't be kept. */
  add(bytes: Uint8Array): Promise<void> | undefined
  /** null when there was nothing. */
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
