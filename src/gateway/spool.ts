// Spool that keeps a body before it is passed on (invariant 3): a small one in memory, a large one as a blob while it
// arrives.
import { Readable } from 'node:stream'
import type { Digest } from '../domain/events/fields.ts'
import type { BlobStore, BlobWriter } from '../store/types.ts'
import { gatherInto, type GatheredWriter } from './gathered-writer.ts'
import { GatewayError } from './gateway-error.ts'

export interface Spooled {
  bytes: number
  /** undefined for an empty body. */
  digest: Digest | undefined
  open(): Promise<Uint8Array | Readable>
}

export interface SpoolLimits {
  memoryBytes: number
  maxBytes: number
}

/** Keeps the body. If it is longer than `maxBytes`, keeps nothing and rejects with `too-large`. */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  blobs: BlobStore,
  limits: SpoolLimits,
): Promise<Spooled> {
  const held: Uint8Array[] = []
  let bytes = 0
  let writer: BlobWriter | null = null
  let gathered: GatheredWriter | null = null
  try {
    for await (const chunk of source) {
      bytes += chunk.byteLength
      if (bytes > limits.maxBytes)
        throw new GatewayError('too-large', `The body is longer than ${limits.maxBytes} bytes.`)
      if (gathered === null && bytes > limits.memoryBytes) {
        writer = await blobs.writer()
        gathered = gatherInto(writer)
        for (const part of held.splice(0)) await gathered.add(part)
      }
      if (gathered === null) held.push(chunk)
      else await gathered.add(chunk)
    }
    if (writer === null || gathered === null) return await inMemory(Buffer.concat(held), blobs)
    await gathered.end()
    return await inBlob(await writer.finish(), blobs)
  } catch (error) {
    await writer?.abort()
    throw error
  }
}

async function inMemory(content: Uint8Array, blobs: BlobStore): Promise<Spooled> {
  const digest = content.byteLength === 0 ? undefined : (await blobs.put(content)).digest
  return { bytes: content.byteLength, digest, open: async () => content }
}

async function inBlob(kept: { digest: Digest; bytes: number }, blobs: BlobStore): Promise<Spooled> {
  return {
    ...kept,
    async open() {
      const blob = await blobs.open(kept.digest)
      if (blob === null) throw new Error(`blob ${kept.digest} is missing`)
      return Readable.from(blob.stream(), { objectMode: false })
    },
  }
}
