// Tables that compare an agent's claims with the observed actions. All texts come from the agent or the sandbox.
import type {
  Access,
  Attribution,
  CallRow,
  Class,
  FileRow,
  ProcessRow,
  RequestRow,
  SaidDid,
  SaidDidStep,
  Tally,
  Verdict,
} from '../../domain/said-did/types.ts'
import { RULES, VERDICTS } from '../../domain/said-did/types.ts'
import { formatArgv, formatText } from '../arguments/command-line.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { alignColumns } from '../text/table.ts'
import { wrapWords } from '../text/wrap.ts'
import type { RefusalList } from './refusals.ts'
import { overviewLines, refusalsOf, refusedLines, type StepRefusals } from './said-did-overview.ts'

const GOOD: readonly Verdict[] = ['seen', 'nothing-to-see', 'denied', 'failed']
const BAD: readonly Verdict[] = ['not-seen', 'without-permission']

export function saidDidLines({ steps }: SaidDid, refused: StepRefusals, style: Style, columns: number): string[] {
  if (steps.length === 0) return ['This run had no agent.']
  return steps.flatMap((step, index) => [
    ...(index === 0 ? [] : ['']),
    ...stepLines(step, refusalsOf(step, refused), style, columns),
  ])
}

function stepLines(step: SaidDidStep, refused: RefusalList, style: Style, columns: number): string[] {
  const { totals, unlisted, unsearched } = step
  const calls = (title: string, verdicts: readonly Verdict[], paint = style.bold): Section => {
    const of = step.calls.filter(({ verdict }) => verdicts.includes(verdict))
    return { title, count: of.length, lines: callTable(of, style, columns), paint }
  }
  const rows = (title: string, of: Class, paint = style.bold): Section => ({
    title,
    count: sum(totals[of]),
    lines: rowTable(step, of, columns),
    paint,
  })
  const counted = (title: string, of: Class): Section => ({
    title,
    count: sum(totals[of]),
    lines: [`  ${tallyWords(totals[of])}`],
    paint: style.bold,
  })
  const sections = [
    calls('Announced and seen', ['seen', 'with-more', 'partly']),
    calls('Seen without permission', ['without-permission'], style.bad),
    rows('Seen, not announced', 'unannounced', style.warn),
    calls('Announced, not seen', ['not-seen'], style.warn),
    calls('Announced, other outcomes', ['tied', 'failed', 'denied', 'nothing-to-see']),
    rows('Ties', 'tie'),
    counted("Upkeep of the agent's own", 'upkeep'),
    counted('Start', 'start'),
  ]
  const lines = [
    style.bold(`Step #${step.step} ${step.agent === null ? 'the agent never started' : formatText(step.agent, 60)}`),
    ...overviewLines(step, refused, columns),
    ...refusedLines(refused, style, columns),
    ...sections
      .filter(({ count }) => count > 0)
      .flatMap(({ title, count, lines, paint }) => [paint(`${title}: ${count}`), ...lines]),
    ...emptyLines(sections, columns).map((line) => style.dim(line)),
    ...ruleLines(step, style),
  ]
  if (unsearched > 0)
    lines.push(style.warn(`${unsearched} scripts were not searched for announced commands, because they are too long.`))
  if (unlisted > 0) lines.push(style.warn(`The record counts ${unlisted} more file accesses that it does not list.`))
  return lines
}

interface Section {
  title: string
  count: number
  lines: readonly string[]
  paint: (text: string) => string
}

/** Names the classes without entries, with quotes because some names have commas. */
function emptyLines(sections: readonly Section[], columns: number): string[] {
  const titles = sections.filter(({ count }) => count === 0).map(({ title }) => `"${title}"`)
  return wrapWords('No entries in ', titles, columns)
}

/** Two lines a call, because the claim and its evidence do not fit into one on a terminal. */
function callTable(calls: readonly CallRow[], style: Style, columns: number): string[] {
  const rows = calls.flatMap((call) => {
    const head = [`  [${call.index}]`, paintVerdict(call.verdict, style), formatText(call.tool, 20)]
    const evidence = [
      ...(sum(call.seen) > 0 ? [tallyWords(call.seen)] : []),
      ...(sum(call.tied) > 0 ? [`perhaps ${tallyWords(call.tied)}`] : []),
    ]
    return [[...head, said(call)], ...(evidence.length === 0 ? [] : [['', '', '', evidence.join(', ')]])]
  })
  return alignColumns(rows, columns)
}

function said({ command, paths, title, unseen, surplus, permission }: CallRow): string {
  const words =
    command !== null
      ? `$ ${formatText(command, 300)}`
      : paths.length > 0
        ? paths
            .slice(0, 4)
            .map((path) => formatText(path, 120))
            .join(', ')
        : formatText(title, 200)
  const notes = [
    ...(permission === 'none' || permission === 'allowed' ? [] : [`permission: ${permission}`]),
    ...(unseen.length === 0
      ? []
      : [
          `not touched: ${unseen
            .slice(0, 4)
            .map((path) => formatText(path, 120))
            .join(', ')}`,
        ]),
    ...(surplus === null ? [] : [`with more: ${formatText(surplus, 300)}`]),
  ]
  return notes.length === 0 ? words : `${words} (${notes.join('; ')})`
}

function rowTable(step: SaidDidStep, wanted: Class, columns: number): string[] {
  const of = <T extends { by: Attribution }>(rows: readonly T[]) => rows.filter(({ by }) => by.class === wanted)
  const rows = [
    ...of(step.processes).map((row) => ({ ...row, text: processText(row) })),
    ...of(step.files).map((row) => ({ ...row, text: fileText(row) })),
    ...of(step.requests).map((row) => ({ ...row, text: requestText(row) })),
  ].toSorted((a, b) => a.seq - b.seq)
  const left = step.omitted[wanted]
  return [
    ...alignColumns(
      rows.map(({ by, text }) => [`  ${wanted === 'tie' ? tieText(by) : by.rule}`, text]),
      columns,
    ),
    ...(sum(left) === 0 ? [] : [`  and ${countOf(sum(left), 'more row')}; --limit shows more`]),
  ]
}

function tieText({ calls, omitted, orNone, rule }: Attribution): string {
  const names = [
    ...calls.map((call) => `[${call}]`),
    ...(omitted > 0 ? [`${omitted} more`] : []),
    ...(orNone ? ['none'] : []),
  ]
  return `${names.join(' or ')}  ${rule}`
}

function processText({ pid, argv, executable, origin }: ProcessRow): string {
  return `process [${pid}] ${origin === 'fork' ? '(forked) ' : ''}${formatArgv(argv, 300)}  ${formatText(executable, 120)}`
}

const SHOWN = 6

function fileText({ pid, accesses, omitted }: FileRow): string {
  const more = accesses.length + omitted - SHOWN
  const shown = accesses.slice(0, SHOWN).map(accessText).join(', ')
  return `files [${pid}] ${shown}${more > 0 ? ` and ${more} more` : ''}`
}

function accessText({ kind, path, to }: Access): string {
  return `${kind} ${formatText(path, 160)}${to === null ? '' : ` -> ${formatText(to, 160)}`}`
}

function requestText({ pid, what }: RequestRow): string {
  return `${pid === null ? '' : `[${pid}] `}${formatText(what, 300)}`
}

/** Explanations of the words in the rows. */
function ruleLines(step: SaidDidStep, style: Style): string[] {
  const verdicts = new Set(step.calls.map(({ verdict }) => verdict))
  const used = new Set(
    [...step.processes, ...step.files, ...step.requests]
      .filter(({ by }) => by.class === 'tie' || by.class === 'unannounced')
      .map(({ by }) => by.rule),
  )
  const words = [
    ...[...verdicts].map((verdict) => [verdict, VERDICTS[verdict]] as const),
    ...[...used].map((rule) => [rule, RULES[rule]] as const),
  ]
  return words.map(([word, meaning]) => style.dim(`  ${word}: ${meaning}`))
}

function tallyWords({ processes, files, requests }: Tally): string {
  const words = [
    ...(processes > 0 ? [countOf(processes, 'process', 'processes')] : []),
    ...(files > 0 ? [countOf(files, 'file access', 'file accesses')] : []),
    ...(requests > 0 ? [countOf(requests, 'request')] : []),
  ]
  return words.join(', ') || '-'
}

function sum({ processes, files, requests }: Tally): number {
  return processes + files + requests
}

function paintVerdict(verdict: Verdict, style: Style): string {
  if (BAD.includes(verdict)) return style.bad(verdict)
  return GOOD.includes(verdict) ? style.good(verdict) : style.warn(verdict)
}
