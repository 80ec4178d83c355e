// Searches for many byte strings at once. The time hardly depends on their number.
const WINDOW = 4

export interface Needles {
  /** From the index of each byte string in the bytes to its first position. */
  in(bytes: Uint8Array): Map<number, number>
}

/** Shorter secrets would cause false matches: the key of a local model is often a word such as `none`. */
const MIN_BYTES = 8

export function needlesOf(texts: readonly string[]): Needles {
  const needles = texts.map((text) => Buffer.from(text, 'utf8'))
  const byStart = new Map<number, number[]>()
  const pairs = new Uint8Array(65_536)
  for (const [index, needle] of needles.entries()) {
    if (needle.length < MIN_BYTES) continue
    const start = needle.readUInt32BE(0)
    byStart.set(start, [...(byStart.get(start) ?? []), index])
    pairs[start >>> 16] = 1
  }
  return {
    in(bytes) {
      const found = new Map<number, number>()
      if (byStart.size === 0) return found
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let at = 0; at + WINDOW <= view.length; at++) {
        if (pairs[(view[at]! << 8) | view[at + 1]!] === 0) continue
        for (const index of byStart.get(view.readUInt32BE(at)) ?? []) {
          const needle = needles[index]!
          if (!found.has(index) && needle.equals(view.subarray(at, at + needle.length))) found.set(index, at)
        }
      }
      return found
    },
  }
}
