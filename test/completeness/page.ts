// Writes docs/completeness.md and the printed table from the measurements.
import { join } from 'node:path'
import { FILE_LISTS } from './account.ts'
import type { FloodResult } from './floods.ts'
import type { Measured } from './measure.ts'
import { WORKLOADS } from './workloads/all.ts'

export const PAGE = join(import.meta.dirname, '../../docs/completeness.md')

const HEAD = `# Is the record complete?

<!-- Written by \`npm run completeness -- --write\`, from a run. -->

Each workload runs twice in a fresh box of the same layout: once with the guest recording, and once without it under
\`strace\`, which watches from outside and shares no code with the guest. The comparison covers all executed programs, with
their count, argv and executable, and the sets of files below \`/workspace\` that were read, written, created, removed and
renamed, in total and for each program. Rules in \`test/completeness/compare.ts\` replace names that a program makes up at
random by a common form; nothing else is left out.

Each cell is ours / strace's. \`npm test\` fails if the programs or files differ. The record lists a call that the guest
leaves to the kernel as *attempted*; no workload here makes such a call.

`

const COLUMNS = ['workload', 'programs', ...FILE_LISTS, 'dropped', 'same'] as const

export function tableOf(measured: readonly Measured[]): string {
  const rows = measured.map((one) => [
    `\`${one.workload}\``,
    ...(['programs', ...FILE_LISTS] as const).map((what) => one.counts[what].join(' / ')),
    String(one.dropped),
    isSame(one) ? 'yes' : 'no',
  ])
  return markdown([[...COLUMNS], ...rows])
}

export function isSame({ differences, dropped, omitted, complete, codes, lacking }: Measured): boolean {
  const ended = codes.every((code) => code === 0) && lacking.length === 0
  return ended && differences.length === 0 && dropped === 0 && omitted === 0 && complete
}

export function floodTableOf(floods: readonly FloodResult[]): string {
  const rows = floods.map((flood) => [
    flood.what,
    ...[flood.done, flood.listed, flood.omitted, flood.dropped].map((count) => count.toLocaleString('en')),
  ])
  return markdown([['flood', 'done', 'listed', 'counted only', 'dropped'], ...rows])
}

export function pageOf(measured: readonly Measured[], floods: readonly FloodResult[]): string {
  const meanings = WORKLOADS.map(({ name, meaning }) => `- \`${name}\`: ${meaning}`).join('\n')
  const known = WORKLOADS.flatMap(({ name, finding }) => (finding === undefined ? [] : [`- \`${name}\`: ${finding}`]))
  const knownSection = known.length === 0 ? '' : `\n## What is known to differ\n\n${known.join('\n')}\n`
  return `${HEAD}${tableOf(measured)}
## The workloads

${meanings}
${knownSection}
## Floods

Every access is listed, however many there are. A recorder that is too slow slows the box down.

${floodTableOf(floods)}`
}

/** The names in a page's first table, in its order. */
export function listedWorkloads(page: string): string[] {
  const table = page.slice(0, page.indexOf('\n## '))
  return [...table.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name as string)
}

function markdown(rows: readonly string[][]): string {
  const [head = [], ...body] = rows
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return line(head) + line(head.map((_, index) => (index === 0 ? '---' : '---:'))) + body.map(line).join('')
}
