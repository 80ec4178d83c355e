// Painter for a unified diff on a terminal, line by line. The content comes from the run, so it is escaped before it is
// painted (invariant 12). Hunk lines are counted, so that an added `++ b/other.js` is not painted as a header.
import { printableBlock } from '../../domain/byte-text.ts'
import type { Style } from '../text/style.ts'

const HUNK = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/

/** The returned function takes the lines in order. */
export function diffPainter(style: Style): (line: string) => string {
  let oldLeft = 0
  let newLeft = 0
  return (line) => {
    const text = printableBlock(line)
    if (oldLeft > 0 || newLeft > 0) {
      if (!line.startsWith('+') && !line.startsWith('\\')) oldLeft--
      if (!line.startsWith('-') && !line.startsWith('\\')) newLeft--
      return paintContent(text, style)
    }
    const hunk = HUNK.exec(line)
    if (hunk === null) return line.startsWith('\\') ? text : style.bold(text)
    oldLeft = Number(hunk[1] ?? 1)
    newLeft = Number(hunk[2] ?? 1)
    return style.accent(text)
  }
}

function paintContent(text: string, style: Style): string {
  if (text.startsWith('+')) return style.good(text)
  return text.startsWith('-') ? style.bad(text) : text
}
