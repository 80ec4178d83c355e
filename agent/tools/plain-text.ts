// Converts bytes of files and programs to text that is safe for a model and a JSON message.
import { stripVTControlCharacters } from 'node:util'

const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g

/** Drops terminal escapes such as colours; replaces other control characters and invalid UTF-8. */
export function plainText(bytes: Uint8Array): string {
  return stripVTControlCharacters(Buffer.from(bytes).toString('utf8')).replace(CONTROLS, '\u{fffd}')
}

export function looksBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8192).includes(0)
}

/** The text on one line, cut without splitting a surrogate pair. */
export function oneLine(text: string, limit: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= limit ? line : `${cut(line, limit - 1)}…`
}

export function cut(text: string, limit: number): string {
  return text.slice(0, limit).replace(/[\ud800-\udbff]$/, '')
}
