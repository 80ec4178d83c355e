import type { RowHead, Unit } from './row.ts'
import type { Summary } from './pairs.ts'

export type NamedSummary = RowHead & Summary

const HEAD = ['row', 'median', 'min', 'max', 'n', '']

/** Table with one line per row and right-aligned numbers. */
export function tableOf(rows: readonly NamedSummary[]): string {
  const cells = rows.map(({ name, unit, median, min, max, n, meaning }) => [
    name,
    ...[median, min, max].map((value) => quantity(value, unit)),
    String(n),
    meaning,
  ])
  const widths = HEAD.map((head, column) =>
    Math.max(...[HEAD, ...cells].map((line) => line[column]?.length ?? 0), head.length),
  )
  return [HEAD, ...cells].map((line) => `${lineOf(line, widths)}\n`).join('')
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const last = cells.length - 1
  return cells
    .map((cell, column) =>
      column === 0 || column === last ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    .join('  ')
    .trimEnd()
}

function quantity(value: number, unit: Unit): string {
  return unit === 'ratio' ? `${value.toFixed(2)}x` : `${value.toFixed(1)} ${unit}`
}
