import type { Readable } from 'node:stream'

/** All of a body; null when it is longer than `maxBytes`. What is over stays unread. Rejects when it breaks off. */
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
