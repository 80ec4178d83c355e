// Writing with backpressure: raw bytes for programs, escaped text for people.
import { printableBlock } from '../../domain/byte-text.ts'
import type { OutputStream } from '../cli-environment.ts'

/** Resolves once the stream has accepted the chunk, so that a slow reader slows us and nothing is lost at exit. */
export function write(stream: OutputStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

export function writeLine(stream: OutputStream, line: string): Promise<void> {
  return write(stream, `${line}\n`)
}

/** Writes attacker-controlled bytes: as escaped text to a terminal (invariant 12), unchanged to a pipe or a file. */
export async function writeBytes(stream: OutputStream, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  if (stream.isTTY !== true) {
    for await (const chunk of bytes) await write(stream, chunk)
    return
  }
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const chunk of bytes) await write(stream, printableBlock(decoder.decode(chunk, { stream: true })))
  await write(stream, printableBlock(decoder.decode()))
}

export async function readAll(
  bytes: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    const room = maxBytes - length
    chunks.push(chunk.subarray(0, room))
    length += Math.min(chunk.length, room)
    if (chunk.length > room) return { bytes: Buffer.concat(chunks), whole: false }
  }
  return { bytes: Buffer.concat(chunks), whole: true }
}
