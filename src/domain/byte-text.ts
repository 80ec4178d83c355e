// The JSON form of paths and arguments, which are bytes: a string if the bytes are valid UTF-8; base64 if they are not,
// or if escapes would make the string longer. Nothing is lost or guessed, and n bytes never take more than about 4n/3 +
// 20 bytes of JSON.

export type ByteText = string | { base64: string }

const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Converts attacker-controlled bytes without loss. */
export function byteText(bytes: Uint8Array): ByteText {
  const text = decodeStrictly(bytes)
  if (text !== null && jsonBytes(text) <= base64Length(bytes) + 20) return text
  return { base64: encodeBase64(bytes) }
}

function decodeStrictly(bytes: Uint8Array): string | null {
  try {
    return STRICT.decode(bytes)
  } catch {
    return null
  }
}

function jsonBytes(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length
}

function base64Length(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / 3) * 4
}

function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += 4096) binary += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return btoa(binary)
}

export function bytesOf(text: ByteText): Uint8Array {
  if (typeof text === 'string') return new TextEncoder().encode(text)
  return Uint8Array.from(atob(text.base64), (char) => char.charCodeAt(0))
}

// Characters that could deceive a terminal or a reader (invariant 12): C0, DEL, C1, bidi controls (CVE-2021-42574),
// line separators, and invisible characters such as Hangul fillers, which JavaScript accepts as identifiers.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufff9-\uffff]|\p{Default_Ignorable_Code_Point}/gu

/** One line for a person: unsafe characters are shown as escapes, bytes that are not text as `\xNN`. */
export function printable(text: ByteText): string {
  if (typeof text === 'string') return escapeUnsafe(text)
  return [...bytesOf(text)]
    .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${hex(byte, 2)}`))
    .join('')
}

/** Several lines for a person: like printable(), but line feeds and tabs stay. */
export function printableBlock(text: string): string {
  return text.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escapeChar(char)))
}

function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, escapeChar)
}

function escapeChar(char: string): string {
  if (char === '\n') return '\\n'
  if (char === '\t') return '\\t'
  if (char === '\r') return '\\r'
  const code = char.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u{${code.toString(16)}}`
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, '0')
}
