// Ids in lowercase Crockford base32. They sort by creation time and are safe in branch names, file names, URLs and
// shells.

export const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARS = 9 // 45 bits of milliseconds: until the year 3084
const RANDOM_BYTES = 7 // 56 bits, 11 characters and one spare bit

export const ID_LENGTH = 20
export const ID_PATTERN = /^[0-9a-hjkmnp-tv-z]{20}$/

/** Source of time and randomness; the domain has no clock or random generator of its own. */
export interface IdSource {
  /** Milliseconds since the epoch. */
  now(): number
  random(bytes: number): Uint8Array
}

/**
 * Length of a short id. It holds 40 random bits, so that any two of 100,000 ids share it with a probability of 0.5
 * percent; a reference that fits two ids is refused.
 */
const SHORT_LENGTH = 8

/** The end of an id, for people. Its beginning is the time, which ids of the same day share. */
export function shortId(id: string): string {
  return id.slice(-SHORT_LENGTH)
}

/** A new id of 20 characters: 9 of time, 11 of randomness. */
export function newId(source: IdSource): string {
  return encode(BigInt(source.now()), TIME_CHARS) + encode(toBigInt(source.random(RANDOM_BYTES)), 11)
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function encode(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest >>= 5n) text = ID_ALPHABET[Number(rest & 31n)] + text
  return text
}
