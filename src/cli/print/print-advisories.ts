// Printing of advisories and package versions before and after a change.
import type { AdvisoryRef, AdvisoryReport, PackageMove } from '../../domain/change.ts'
import { formatText } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { alignColumns } from '../text/table.ts'
import { wrapText, wrapWords } from '../text/wrap.ts'

const LINE_CHARS = 110

export interface AdvisoryOptions {
  style: Style
  columns: number
}

type State = 'still there' | 'new' | 'gone' | 'not examined'
const STATES: readonly State[] = ['still there', 'not examined', 'new', 'gone']
const SEVERITIES = ['critical', 'high', 'moderate', 'medium', 'low']

interface Row {
  state: State
  advisory: AdvisoryRef
}

export function advisoryLines(report: AdvisoryReport, options: AdvisoryOptions): string[] {
  const { style, columns } = options
  const cells = rowsOf(report).map(({ state, advisory }) => [
    paintState(state, style),
    formatText(advisory.severity ?? '-', 12),
    formatText(idsOf(advisory), 60),
    formatText(versionsOf(advisory, state, report.packages), 70),
    formatText(advisory.title, 90),
  ])
  return [
    style.bold(`Advisories: ${countsOf(report)}`),
    ...(report.note === null ? [] : [style.warn(`  ${formatText(report.note, 600)}`)]),
    ...wrapText(`  according to ${formatText(report.source, 80)}`, columns, '    ').map(style.dim),
    ...indent(alignColumns(cells, columns - 2)),
    ...packageLines(report, options),
  ]
}

/** One line for each package with advisories, at most `max`, and one line for the rest. */
export function briefAdvisoryLines(report: AdvisoryReport, { style, columns }: AdvisoryOptions, max: number): string[] {
  const groups = Map.groupBy(rowsOf(report), ({ state, advisory }) => `${state} ${advisory.package}`)
  const cells = [...groups.values()].map((rows) => {
    const { state, advisory } = rows[0] as Row
    const versions = [...new Set(rows.map((row) => versionsOf(row.advisory, state, report.packages)))]
    const ids = [...new Set(rows.map((row) => row.advisory.id))]
    return [
      paintState(state, style),
      formatText(advisory.severity ?? '-', 12),
      ids.length === 1 ? formatText(advisory.id, 30) : countOf(ids.length, 'advisory', 'advisories'),
      formatText(versions.join(', '), 90),
    ]
  })
  const rest = cells.length - Math.min(cells.length, max)
  const besides = movedBesides(report)
  return [
    ...wrapText(style.bold(`Advisories: ${countsOf(report)}`) + (besides === '' ? '' : `; ${besides}`), columns, '  '),
    ...(report.note === null ? [] : [style.warn(`  ${formatText(report.note, 600)}`)]),
    ...indent(alignColumns(cells.slice(0, max), columns - 2)),
    ...(rest === 0 ? [] : [`  ${max === 0 ? '' : 'and '}${countOf(rest, max === 0 ? 'package' : 'more package')}`]),
  ]
}

/** The changed packages that no advisory names. */
function movedBesides({ packages, before, after }: AdvisoryReport): string {
  const said = new Set([...before, ...after].map((advisory) => advisory.package))
  const others = packages.filter(({ name }) => !said.has(name))
  const count = (is: (move: PackageMove) => boolean) => others.filter(is).length
  const words = [
    [count(({ from, to }) => from !== null && to !== null), 'changed'],
    [count(({ from }) => from === null), 'added'],
    [count(({ to }) => to === null), 'removed'],
  ] as const
  const told = words.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return told.length === 0 ? '' : `other packages: ${told.join(', ')}`
}

/** An empty list is an all-clear only if a lockfile was examined. */
function countsOf({ examined, before, after }: AdvisoryReport): string {
  if (!examined.before && !examined.after) return 'not examined'
  const count = (isExamined: boolean, list: readonly AdvisoryRef[]) =>
    isExamined ? String(advisoryCount(list)) : 'not examined'
  return `${count(examined.before, before)} before, ${count(examined.after, after)} after`
}

/** Rows sorted by urgency, then by severity. */
function rowsOf({ examined, before, after }: AdvisoryReport): Row[] {
  const absent: State = examined.after ? 'gone' : 'not examined'
  const left = new Set(after.map(({ id }) => id))
  const known = new Set(before.map(({ id }) => id))
  const rows: Row[] = [
    ...unique(before).map((advisory): Row => ({ state: left.has(advisory.id) ? 'still there' : absent, advisory })),
    ...unique(after).flatMap((advisory): Row[] => (known.has(advisory.id) ? [] : [{ state: 'new', advisory }])),
  ]
  return rows.toSorted(
    (a, b) =>
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      severityRank(a.advisory) - severityRank(b.advisory) ||
      (a.advisory.package < b.advisory.package ? -1 : a.advisory.package > b.advisory.package ? 1 : 0),
  )
}

function severityRank({ severity }: AdvisoryRef): number {
  const rank = SEVERITIES.indexOf(severity ?? '')
  return rank < 0 ? SEVERITIES.length : rank
}

/** For example `lodash 4.17.15 -> 4.18.1`, if the affected version changed. */
function versionsOf(advisory: AdvisoryRef, state: State, packages: readonly PackageMove[]): string {
  const move =
    state === 'new'
      ? undefined
      : packages.find(({ name, from }) => name === advisory.package && from === advisory.version)
  const now = move === undefined ? '' : ` -> ${move.to ?? 'removed'}`
  return `${advisory.package} ${advisory.version}${now}`
}

function idsOf({ id, aliases }: AdvisoryRef): string {
  return [id, ...aliases.filter((alias) => alias.startsWith('CVE-'))].join(' ')
}

function paintState(state: State, style: Style): string {
  return state === 'gone' ? style.good(state) : style.bad(state)
}

/** Changed packages, one line each; added and removed ones on a common line. */
function packageLines({ packages }: AdvisoryReport, { style, columns }: AdvisoryOptions): string[] {
  if (packages.length === 0) return []
  const moved = packages.flatMap(({ name, from, to }) =>
    from !== null && to !== null ? [[formatText(name, 80), `${formatText(from, 40)} -> ${formatText(to, 40)}`]] : [],
  )
  const added = packages.flatMap(({ name, from, to }) =>
    from === null && to !== null ? [`${formatText(name, 80)} ${formatText(to, 40)}`] : [],
  )
  const removed = packages.flatMap(({ name, from, to }) =>
    from !== null && to === null ? [`${formatText(name, 80)} ${formatText(from, 40)}`] : [],
  )
  const head = style.bold(`Packages: ${moved.length} changed, ${added.length} added, ${removed.length} removed`)
  const width = Math.min(LINE_CHARS, columns - 2)
  return [
    '',
    head,
    ...indent(alignColumns(moved)),
    ...indent(wrapWords('added: ', added, width)),
    ...indent(wrapWords('removed: ', removed, width)),
  ]
}

function unique(advisories: readonly AdvisoryRef[]): AdvisoryRef[] {
  return [
    ...new Map(
      advisories.map((advisory) => [`${advisory.id} ${advisory.package}@${advisory.version}`, advisory]),
    ).values(),
  ]
}

export function advisoryCount(advisories: readonly AdvisoryRef[]): number {
  return new Set(advisories.map((advisory) => advisory.id)).size
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
