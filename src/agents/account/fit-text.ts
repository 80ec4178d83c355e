// Bounds for attacker-controlled text in an event, since the leaf of an event has at most 65,535 bytes.
import { byteText } from '../../domain/byte-text.ts'
import type { ByteText } from '../../domain/byte-text.ts'

export interface FittedText {
  text: ByteText
  /** Size of the whole text. */
  bytes: number
  whole: boolean
}

/** The beginning of a text, at most `limit` bytes, cut between characters. */
export function fitText(text: string, limit: number): FittedText {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return { text: byteText(bytes), bytes: bytes.length, whole: true }
  let end = limit
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--
  return { text: byteText(bytes.subarray(0, end)), bytes: bytes.length, whole: false }
}

/** For fields that are not ByteText: replaces all but printable ASCII, and cuts at `limit` characters. */
export function fitName(text: string, limit: number): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, limit)
}

const MAX_PATHS = 64
const MAX_PATH_BYTES = 4096
const ALL_PATHS_BYTES = 16 * 1024

/** Keeps each path whole or omits it: a shortened path would name another file. */
export function fitPaths(paths: readonly string[]): { paths: ByteText[]; omitted: number } {
  const fitted: ByteText[] = []
  let room = ALL_PATHS_BYTES
  for (const path of paths) {
    const bytes = Buffer.byteLength(path)
    if (fitted.length === MAX_PATHS || bytes > MAX_PATH_BYTES || bytes > room) continue
    room -= bytes
    fitted.push(fitText(path, MAX_PATH_BYTES).text)
  }
  return { paths: fitted, omitted: paths.length - fitted.length }
}
