// Writer that gathers small chunks into large writes to a blob. Chunks can be as small as a TLS record, and each write
// to the disk costs more than copying its bytes.
import type { BlobWriter } from '../store/types.ts'

export interface GatheredWriter {
  /** Adds a copy of the chunk. Resolves when there is room for more; rejects when an earlier write failed. */
  add(chunk: Uint8Array): Promise<void> | undefined
  /** Resolves when everything is written. */
  end(): Promise<void>
}

const GATHERED = 512 * 1024

/** Uses two buffers: one is filled while the other is written. */
export function gatherInto(writer: Pick<BlobWriter, 'write'>): GatheredWriter {
  let filling = Buffer.allocUnsafeSlow(GATHERED)
  let spare = Buffer.allocUnsafeSlow(GATHERED)
  let filled = 0
  let writing: Promise<void> = Promise.resolve()

  async function flush(): Promise<void> {
    await writing
    const full = filling.subarray(0, filled)
    ;[filling, spare] = [spare, filling]
    filled = 0
    writing = writer.write(full)
    // The next call reports the error.
    writing.catch(() => {})
  }

  async function addInParts(chunk: Uint8Array): Promise<void> {
    for (let from = 0; from < chunk.byteLength;) {
      const part = chunk.subarray(from, from + GATHERED - filled)
      filling.set(part, filled)
      filled += part.byteLength
      from += part.byteLength
      if (filled === GATHERED) await flush()
    }
  }

  return {
    add(chunk) {
      if (filled + chunk.byteLength >= GATHERED) return addInParts(chunk)
      filling.set(chunk, filled)
      filled += chunk.byteLength
      return undefined
    },
    async end() {
      if (filled > 0) await flush()
      await writing
    },
  }
}
