// Formatting of an argv as a person would type it, whatever bytes it contains.
import { type ByteText, printable } from '../../domain/byte-text.ts'
import { shellWord } from '../session/suggest-command.ts'

export function formatArgv(argv: readonly ByteText[], maxChars = Infinity): string {
  const text = argv.map((word) => shellWord(printable(word))).join(' ')
  return shorten(text, maxChars)
}

/** Attacker-controlled text on one line, cut to a width. */
export function formatText(text: ByteText, maxChars = Infinity): string {
  return shorten(printable(text), maxChars)
}

export function shorten(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const chars = [...text]
  return chars.length <= maxChars ? text : `${chars.slice(0, Math.max(0, maxChars - 1)).join('')}…`
}
