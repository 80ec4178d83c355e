// Decodes text that may carry a credential in another encoding. Each decoder returns all possible results; a wrong result
// does no harm, since it only counts if it looks like a credential.

export interface Decoded {
  how: string
  bytes: Buffer
}

/** A shorter run of characters is too short for a credential. */
const MIN_RUN = 16
/** Parts of decoded bytes that could be text, also in UTF-16. Only such parts can hold a credential. */
const TEXT = /[\0\t\n\r\x20-\x7e]{8,}/g
/** The first bytes of gzip, zip, zstd and zlib, in base64. */
const PACKED = /^(?:H4sI|UEsDB|KLUv\/|eA|eJ|eN)/
/** Line ends (also escaped), quotes and commas between the parts of a long value; the parts are joined again. */
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

/** Decodes ASCII in UTF-16 and UTF-32 of either byte order, with or without a mark: all other bytes are NUL. */
function withoutNul(bytes: Buffer, text: string): Decoded[] {
  return bytes.includes(0) ? [{ how: 'UTF-16', bytes: Buffer.from(text.replaceAll('\0', ''), 'latin1') }] : []
}

const ESCAPE =
  /\\x([0-9a-f]{2})|%([0-9a-f]{2})|\\u\{?(?:00){0,2}([0-9a-f]{2})\}?|&#x0{0,6}([0-9a-f]{2});|&#0{0,6}(\d{2,3});|=([0-9A-F]{2})|\\([0-3][0-7]{2})/gi

/** Decodes the escapes of URLs, string literals, HTML and quoted-printable. */
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

/** Also decodes the URL-safe alphabet. `offsets`: characters before the value may belong to the same run. */
function base64(text: string, offsets: readonly number[]): Decoded[] {
  const runs = text.match(/[A-Za-z0-9+/_-]{16,}/g) ?? []
  const packed = offsets.includes(0) ? runs.filter((run) => PACKED.test(run)) : []
  return [
    ...offsets.map((offset) => textOf(runs, offset, 'base64')),
    ...packed.map((run) => ({ how: 'base64', bytes: Buffer.from(run, 'base64') })),
  ]
}

/** Separates the pieces, so that the end of one and the start of the next cannot form a match. */
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
