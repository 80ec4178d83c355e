// Encodings that carry the same bytes in other characters. Each gives what could have been meant; garbage does no harm,
// since only what looks like a credential counts.

export interface Decoded {
  how: string
  bytes: Buffer
}

/** Shorter runs hold no credential. */
const MIN_RUN = 16
/** What could be text, in UTF-16 as well, out of bytes that mostly mean nothing: the others hold no credential. */
const TEXT = /[\0\t\n\r\x20-\x7e]{8,}/g
/** Where gzip, zip, zstd and zlib begin, in base64. */
const PACKED = /^(?:H4sI|UEsDB|KLUv\/|eA|eJ|eN)/
/** Line ends, also escaped, quotes and commas: long values are broken into lines and strings, and joined again. */
const BREAKS = /\\[nr]|["'`]\s*[+.&]\s*["'`]|[\s"'`,\\]+/g

export function decodings(bytes: Buffer): Decoded[] {
  const text = bytes.toString('latin1')
  const joined = text.replace(BREAKS, '')
  return [
    ...withoutNul(bytes, text),
    ...escaped(text),
    ...base64(text, [0]),
    ...base64(joined, [0, 1, 2, 3]),
    ...hex(joined),
  ].filter((decoded) => decoded.bytes.length >= MIN_RUN / 2)
}

/** ASCII in UTF-16 and UTF-32 of either order, with or without a mark: the other bytes are NUL. */
function withoutNul(bytes: Buffer, text: string): Decoded[] {
  return bytes.includes(0) ? [{ how: 'UTF-16', bytes: Buffer.from(text.replaceAll('\0', ''), 'latin1') }] : []
}

const ESCAPE =
  /\\x([0-9a-f]{2})|%([0-9a-f]{2})|\\u\{?(?:00){0,2}([0-9a-f]{2})\}?|&#x0{0,6}([0-9a-f]{2});|&#0{0,6}(\d{2,3});|=([0-9A-F]{2})|\\([0-3][0-7]{2})/gi

/** As URLs, strings of programs, HTML and quoted-printable write bytes. */
function escaped(text: string): Decoded[] {
  const plain = text.replace(
    ESCAPE,
    (
      _,
      x?: string,
      percent?: string,
      u?: string,
      entity?: string,
      decimal?: string,
      quoted?: string,
      octal?: string,
    ) => {
      const hexadecimal = x ?? percent ?? u ?? entity ?? quoted
      if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16))
      return String.fromCharCode((octal === undefined ? Number(decimal) : Number.parseInt(octal, 8)) & 0xff)
    },
  )
  return plain.length === text.length ? [] : [{ how: 'escapes', bytes: Buffer.from(plain, 'latin1') }]
}

/** Also the alphabet of URLs. `offsets`: what stands before the value may belong to the same run. */
function base64(text: string, offsets: readonly number[]): Decoded[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []
  const packed = offsets.includes(0) ? runs.filter((run) => PACKED.test(run)) : []
  return [
    ...offsets.map((offset) => textOf(runs, offset, 'base64')),
    ...packed.map((run) => ({ how: 'base64', bytes: Buffer.from(run, 'base64') })),
  ]
}

/** The pieces stand apart, so that what ends one does not begin the next. */
function textOf(runs: readonly string[], offset: number, encoding: 'base64' | 'hex'): Decoded {
  const texts = runs.flatMap((run) => Buffer.from(run.slice(offset), encoding).toString('latin1').match(TEXT) ?? [])
  return { how: encoding, bytes: Buffer.from(texts.join('\n'), 'latin1') }
}

function hex(joined: string): Decoded[] {
  const plain = joined.replace(/0x|:/gi, '')
  const runs = plain.match(/[0-9a-f]{16,}/gi) ?? []
  const packed = runs.filter((run) => /^(?:1f8b|504b0304|28b52ffd|78(?:01|5e|9c|da))/i.test(run))
  return [
    ...[0, 1].map((offset) => textOf(runs, offset, 'hex')),
    ...packed.map((run) => ({ how: 'hex', bytes: Buffer.from(run, 'hex') })),
  ]
}
