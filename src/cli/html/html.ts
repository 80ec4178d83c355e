// HTML whose values are escaped unless they are HTML themselves, so that no text of a sandbox becomes markup.
import { printableBlock } from '../../domain/byte-text.ts'

export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Html | readonly Html[]

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => (index === 0 ? part : textOf(values[index - 1] ?? '') + part)).join(''))
}

function textOf(value: Value): string {
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(({ text }) => text).join('')
  return escapeHtml(String(value))
}

/** Control characters and bidi marks become visible escapes, as on a terminal. */
function escapeHtml(text: string): string {
  return printableBlock(text).replace(/[&<>"'`]/g, (char) => `&#${char.charCodeAt(0)};`)
}
