import type { Readable } from 'node:stream'

/**
 * Reads a whole body; null if it is longer than `maxBytes`, whose excess stays unread. Rejects when the body breaks
 * off.
 */
export async function limitedBytes(body: Readable, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
