// Splits an agent's standard output into lines of bytes, with a bound, so that an endless line uses no more memory.
import type { AgentChannel } from './types.ts'

/** Yields null, once, for a line longer than the limit. The last line needs no line feed. */
export async function* readLines(output: AgentChannel['output'], limit: number): AsyncGenerator<Uint8Array | null> {
  let pieces: Uint8Array[] = []
  let length = 0
  let skipping = false

  function add(piece: Uint8Array): boolean {
    if (skipping) return false
    length += piece.length
    if (length > limit) {
      skipping = true
      pieces = []
      return true
    }
    if (piece.length > 0) pieces.push(piece)
    return false
  }

  function take(): Uint8Array | null {
    const line = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces)
    pieces = []
    length = 0
    return line
  }

  for await (const chunk of output) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      if (add(chunk.subarray(start, end))) yield null
      if (!skipping) yield take()
      skipping = false
      length = 0
      start = end + 1
    }
    // A copy: the producer may reuse the chunk's memory.
    if (start < chunk.length && add(Uint8Array.from(chunk.subarray(start)))) yield null
  }
  if (!skipping && length > 0) yield take()
}
