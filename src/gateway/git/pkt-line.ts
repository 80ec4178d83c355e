// pkt-line framing (gitprotocol-common): four hex digits for the length, themselves included, then the payload.
import { GitProtocolError } from './git-protocol-error.ts'

/** Longest pkt-line, length digits included. */
export const MAX_PKT_LINE = 65_520

export type Pkt = { kind: 'data'; payload: Buffer } | { kind: 'flush' } | { kind: 'delim' }

export const FLUSH = Buffer.from('0000')
export const DELIM = Buffer.from('0001')

export function encodePkt(payload: Uint8Array | string): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload
  const length = bytes.length + 4
  if (length > MAX_PKT_LINE) throw new GitProtocolError('too-large', 'a pkt-line is too long')
  return Buffer.concat([Buffer.from(length.toString(16).padStart(4, '0')), bytes])
}

export function encodePkts(pkts: readonly Pkt[]): Buffer {
  return Buffer.concat(
    pkts.map((pkt) => (pkt.kind === 'data' ? encodePkt(pkt.payload) : pkt.kind === 'flush' ? FLUSH : DELIM)),
  )
}

/** Source of bytes: gives exactly the requested number, or null at the end of the body. */
export interface ByteSource {
  read(length: number): Promise<Buffer | null>
}

/** Reads the next pkt-line; null at the end of the body. Rejects with GitProtocolError. */
export async function readPkt(source: ByteSource): Promise<Pkt | null> {
  const digits = await source.read(4)
  if (digits === null) return null
  const length = parseLength(digits)
  if (length === 0) return { kind: 'flush' }
  if (length === 1) return { kind: 'delim' }
  if (length <= 4) throw new GitProtocolError('malformed', `a pkt-line cannot have length ${length} here`)
  if (length > MAX_PKT_LINE) throw new GitProtocolError('too-large', 'a pkt-line is too long')
  const payload = await source.read(length - 4)
  if (payload === null) throw new GitProtocolError('malformed', 'the body ended within a pkt-line')
  return { kind: 'data', payload }
}

function parseLength(digits: Buffer): number {
  const text = digits.toString('latin1')
  if (!/^[0-9a-fA-F]{4}$/.test(text))
    throw new GitProtocolError('malformed', 'a pkt-line must start with four hex digits')
  return Number.parseInt(text, 16)
}

/** The payload as text without its one line feed. Refuses invalid UTF-8, NUL and further line ends. */
export function pktText(payload: Buffer): string {
  const end = payload.at(-1) === 0x0a ? payload.length - 1 : payload.length
  const text = decodeUtf8(payload.subarray(0, end))
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new GitProtocolError('malformed', 'a line contains control characters')
  return text
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new GitProtocolError('malformed', 'a line is not UTF-8')
  }
}
