// Unpacks compressed data up to a limit. The bytes are attacker-controlled: a decompression bomb ends at the limit and is
// reported as not examined.
import { gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { Decoded } from './decode.ts'

export interface Unpacked {
  parts: Decoded[]
  /** Formats in the data that could not be unpacked, such as `xz`. */
  closed: string[]
  /** Whether a part exceeds the limit. */
  tooLarge: boolean
}

const MAX_PART = 32 * 1024 * 1024
const MAX_ENTRIES = 2000
const ZIP_ENTRY = Buffer.from('PK\x03\x04', 'latin1')
const ZIP_HEADER = 30
const DEFLATED = 8

const STREAMS: readonly { how: string; starts: readonly string[]; unpack: (bytes: Buffer, max: number) => Buffer }[] = [
  { how: 'gzip', starts: ['\x1f\x8b'], unpack: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }) },
  {
    how: 'zlib',
    starts: ['\x78\x01', '\x78\x5e', '\x78\x9c', '\x78\xda'],
    unpack: (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength }),
  },
  {
    how: 'zstd',
    starts: ['\x28\xb5\x2f\xfd'],
    unpack: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
  },
]

const CLOSED: readonly { how: string; start: string }[] = [
  { how: 'xz', start: '\xfd7zXZ\0' },
  { how: 'bzip2', start: 'BZh' },
  { how: '7-Zip', start: "7z\xbc\xaf'\x1c" },
  { how: 'RAR', start: 'Rar!\x1a\x07' },
  { how: 'LZ4', start: '\x04\x22\x4d\x18' },
]

export function unpack(bytes: Buffer, maxBytes: number): Unpacked {
  const found: Unpacked = { parts: [], closed: [], tooLarge: false }
  let left = maxBytes
  const attempt = (how: string, work: (max: number) => Buffer): void => {
    try {
      const part = work(Math.min(left, MAX_PART))
      left -= part.length
      found.parts.push({ how, bytes: part })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') found.tooLarge = true
      else if (how !== 'zip' && how !== 'zlib') found.closed.push(`damaged ${how}`)
    }
  }
  const begins = (start: string) => bytes.subarray(0, start.length).equals(Buffer.from(start, 'latin1'))
  for (const { how, starts, unpack: open } of STREAMS)
    if (starts.some(begins)) attempt(how, (max) => open(bytes, Math.max(max, 1)))
  found.closed.push(...CLOSED.filter(({ start }) => begins(start)).map(({ how }) => how))
  unpackZip(bytes, found, attempt)
  return found
}

/** Reads the headers before the entries, since the directory at the end can omit entries that the file contains. */
function unpackZip(
  bytes: Buffer,
  found: Unpacked,
  attempt: (how: string, work: (max: number) => Buffer) => void,
): void {
  let entries = 0
  for (let at = bytes.indexOf(ZIP_ENTRY); at !== -1; at = bytes.indexOf(ZIP_ENTRY, at + 4)) {
    if (at + ZIP_HEADER > bytes.length) return
    if (++entries > MAX_ENTRIES) {
      found.tooLarge = true
      return
    }
    const [flags, method] = [bytes.readUInt16LE(at + 6), bytes.readUInt16LE(at + 8)]
    const data = at + ZIP_HEADER + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
    if ((flags & 1) === 1) found.closed.push('encrypted zip')
    else if (method === DEFLATED)
      attempt('zip', (max) => inflateRawSync(bytes.subarray(data), { maxOutputLength: Math.max(max, 1) }))
    else if (method !== 0) found.closed.push(`zip with method ${method}`)
  }
}
