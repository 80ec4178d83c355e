// Breaks running text into lines of a terminal's width. The text is printable; it may be painted as a whole or in words.
import { stripVTControlCharacters } from 'node:util'

/** Breaks at spaces only, so a longer word has a line of its own. Every line but the first starts with `indent`. */
export function wrapText(text: string, width: number, indent = ''): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(word)
    else if (visibleLength(last) + 1 + visibleLength(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(indent + word)
  }
  return lines
}

/** The words with commas between them, in lines of at most `width` characters where the words permit it. */
export function wrapWords(head: string, words: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const [index, word] of words.entries()) {
    const text = index === words.length - 1 ? word : `${word},`
    const last = lines.at(-1)
    if (last === undefined) lines.push(head + text)
    else if (visibleLength(last) + visibleLength(text) < width) lines[lines.length - 1] = `${last} ${text}`
    else lines.push(' '.repeat(visibleLength(head)) + text)
  }
  return lines
}

/**
 * A command after the words that introduce it; on a line of its own if both do not fit into one, so that it can be
 * copied whole. `between` parts them in the common line.
 */
export function beforeCommand(words: string, command: string, width: number, between = ' '): string[] {
  const line = `${words}${between}${command}`
  if (visibleLength(line) <= width) return [line]
  const indent = `${/^ */.exec(words)?.[0]}  `
  return [...wrapText(words, width, indent), `${indent}${command}`]
}

export function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length
}
