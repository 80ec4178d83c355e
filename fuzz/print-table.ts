import type { Outcome } from './outcome.ts'

const HEAD = ['target', 'executions', 'per second', 'kept', 'coverage', 'result']

export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    one.target,
    one.executions.toLocaleString('en'),
    Math.round(one.executionsPerSecond).toLocaleString('en'),
    one.kept.toLocaleString('en'),
    one.coverage,
    one.finding === null ? 'held' : 'FAILED',
  ])
  const widths = HEAD.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at >= 1 && at <= 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  const findings = outcomes.flatMap(({ target, finding }) =>
    finding === null
      ? []
      : [`\n${target}: ${finding.why}\ninput:     ${finding.file}\nreproduce: ${finding.reproduce}`],
  )
  return `${[line(HEAD), ...rows.map(line), ...findings].join('\n')}\n`
}
