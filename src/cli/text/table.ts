// Aligned columns. Cells are plain printable text; a row may paint its cells after the widths are known.
import { stripVTControlCharacters } from 'node:util'
import { shorten } from '../arguments/command-line.ts'
import { visibleLength, wrapText } from './wrap.ts'

const MIN_CELL = 10

/** Separates columns by two spaces. The last column is not padded, and is cut if the line would exceed `maxWidth`. */
export function alignColumns(rows: readonly (readonly string[])[], maxWidth = Infinity): string[] {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell))))
  return rows.map((row) => {
    const before = row.slice(0, -1).map((cell, index) => `${pad(cell, widths[index] ?? 0)}  `)
    const last = row.at(-1) ?? ''
    const room = maxWidth - before.reduce((sum, cell) => sum + visibleLength(cell), 0)
    // A painted cell is not cut, because the cut could fall into a colour code.
    return (before.join('') + (isPainted(last) ? last : shorten(last, Math.max(MIN_CELL, room)))).trimEnd()
  })
}

/** Like alignColumns(), but a last column that is too long goes on in the next lines, below its start. */
export function wrapColumns(rows: readonly (readonly string[])[], maxWidth: number): string[] {
  return alignColumns(rows).flatMap((line, index) => {
    const before = visibleLength(line) - visibleLength(rows[index]?.at(-1) ?? '')
    return wrapText(line, Math.max(maxWidth, before + MIN_CELL), ' '.repeat(before))
  })
}

function isPainted(cell: string): boolean {
  return stripVTControlCharacters(cell) !== cell
}

function pad(cell: string, to: number): string {
  return cell + ' '.repeat(Math.max(0, to - visibleLength(cell)))
}
