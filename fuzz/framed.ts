// Input format for framed protocols. Nearly every mutation would break length prefixes. So one kind of input holds the
// parts without lengths, separated by bytes that occur in no UTF-8 text. The other kind holds raw bytes of the wire.
import { DELIM, encodePkt, FLUSH } from '../src/gateway/git/pkt-line.ts'

const [END, FLUSH_MARK, DELIM_MARK] = [0xff, 0xfe, 0xfd]

/** The first byte selects the kind: even means raw. */
export function pktStream(input: Uint8Array): Buffer {
  const bytes = Buffer.from(input.subarray(1))
  if (((input[0] ?? 0) & 1) === 0) return bytes
  const parts: Buffer[] = []
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== undefined && byte < DELIM_MARK) continue
    if (at > start) parts.push(encodePkt(bytes.subarray(start, at)))
    if (byte === FLUSH_MARK) parts.push(FLUSH)
    if (byte === DELIM_MARK) parts.push(DELIM)
    start = at + 1
  }
  return Buffer.concat(parts)
}

/** An input of the framed kind from its parts. */
export function framedInput(parts: readonly (string | typeof FLUSH | typeof DELIM)[]): Buffer {
  return Buffer.concat([
    Buffer.of(1),
    ...parts.map((part) =>
      part === FLUSH
        ? Buffer.of(FLUSH_MARK)
        : part === DELIM
          ? Buffer.of(DELIM_MARK)
          : Buffer.concat([Buffer.from(part), Buffer.of(END)]),
    ),
  ])
}

export function rawInput(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0), bytes])
}
