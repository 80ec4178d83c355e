// Summary of a run at its end: no more than a screen, with the verdict as the last line. `glovebox runs show` has the
// rest. All of its text may come from a sandbox.
import type { ByteText } from '../../domain/byte-text.ts'
import { shortId } from '../../domain/ids.ts'
import { formatText, shorten } from '../arguments/command-line.ts'
import { countOf, formatDuration } from '../text/quantities.ts'
import { allowCommands } from './allow-words.ts'
import { beforeCommand, wrapText, wrapWords } from '../text/wrap.ts'
import { briefAdvisoryLines } from './print-advisories.ts'
import { attemptLines, inspectionLines } from './print-change.ts'
import { failedStepLines, incompleteLines, type SummaryOptions } from './print-run-summary.ts'
import { countRefused } from './refusals.ts'
import type { RunSummary } from './run-summary.ts'
import { verdictLines } from './verdict.ts'

/** Lines above the verdict that fit on a usual screen together with the prompt and what came before. */
const MAX_ROWS = 24
/** Most items of a list. */
const MOST = 5
/** The same, from generous to none: the first with which the summary fits is taken. */
const CAPS = [MOST, 3, 2, 1, 0]
const MAX_FILES = 4
/** Width of running text where the output is no terminal. */
const TEXT_WIDTH = 110

export function briefRunSummary(summary: RunSummary, options: SummaryOptions): string {
  const tries = CAPS.map((cap) => linesAbove(summary, options, cap))
  const lines = tries.find(({ length }) => length <= MAX_ROWS) ?? tries.at(-1) ?? []
  return `${[...lines, '', ...verdictLines(summary, options, options.style)].join('\n')}\n`
}

function linesAbove(summary: RunSummary, options: SummaryOptions, cap: number): string[] {
  const sections = [
    headLines(summary, options, cap),
    summary.advisories === null ? [] : briefAdvisoryLines(summary.advisories, options, cap),
    stepLines(summary, options),
    [...fileLines(summary, options), ...refusalLines(summary, options, cap), ...changeLines(summary, options, cap)],
    nextLines(summary, options),
  ]
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
}

/** Summary of a single command, whose output has just been shown: what was refused and changed, and the verdict. */
export function briefCommandSummary(summary: RunSummary, options: SummaryOptions): string {
  const { style, columns } = options
  const lines = [
    ...incompleteLines(summary, style, columns),
    ...fileLines(summary, options),
    ...(countRefused(summary.refused) === 0 ? [] : refusalLines(summary, options, MOST)),
    ...changeLines(summary, options, MOST),
    ...verdictLines(summary, options, style),
  ]
  return `${lines.join('\n')}\n`
}

function headLines(summary: RunSummary, { style, columns }: SummaryOptions, cap: number): string[] {
  const { run, trace, notes } = summary
  const commit = run.commit === null ? '' : ` at ${run.commit.slice(0, 12)}`
  const head = `Run ${run.id} of ${formatText(run.task)} (${run.mode})`
  const took =
    run.startedAt === null || run.finishedAt === null ? '' : `${formatDuration(run.finishedAt - run.startedAt)}, `
  const counts = [
    `${took}${countOf(trace.processes, 'process', 'processes')}`,
    countOf(trace.requests, 'request'),
    `${trace.filesRead} files read`,
    `${trace.filesWritten} written`,
  ]
  return [
    style.bold(shorten(head, columns)),
    shorten(`  ${formatText(run.repository)}${commit}`, columns),
    ...wrapWords('  ', counts, columns),
    ...notes.slice(0, cap).flatMap((note) => wrapText(`  ${formatText(note, 300)}`, columns, '    ')),
    ...more(notes.length, cap, 'note'),
    ...incompleteLines(summary, style, columns),
  ]
}

function stepLines(summary: RunSummary, { style, columns }: SummaryOptions): string[] {
  const { steps } = summary
  if (steps.length === 0) return []
  const width = Math.min(TEXT_WIDTH, columns)
  const done = steps.filter(({ outcome }) => outcome === 'succeeded')
  const skipped = steps.filter(({ outcome }) => outcome === 'skipped')
  const other = steps.filter((step) => !done.includes(step) && !skipped.includes(step))
  return [
    style.bold(`Steps: ${done.length} of ${steps.length} succeeded`),
    ...wrapWords(
      '  ',
      done.map(({ name, wallMs }) => `${formatText(name, 60)} ${formatDuration(wallMs)}`),
      width,
    ),
    ...wrapWords(
      '  skipped: ',
      skipped.map(
        ({ name, note }) => `${formatText(name, 60)} (${formatText(note ?? 'its condition did not hold', 100)})`,
      ),
      width,
    ),
    ...other.flatMap((step) => failedStepLines(step, summary, style, columns)),
  ]
}

function fileLines({ files, filesWhole }: RunSummary, { style, columns }: SummaryOptions): string[] {
  if (files.length === 0) return []
  const shown = files
    .slice(0, MAX_FILES)
    .map(({ path, insertions, deletions }) => `${formatText(path, 80)} +${insertions} -${deletions}`)
  const rest = files.length - shown.length
  const words = [...shown, ...(rest > 0 ? [`${rest} more`] : []), ...(filesWhole ? [] : ['and others'])]
  return wrapWords(`${style.bold('Files changed')}: `, words, columns)
}

/** The count comes first, so that no width and no limit cuts it off. */
function refusalLines(
  { refused, run }: RunSummary,
  { style, columns, command }: SummaryOptions,
  cap: number,
): string[] {
  const count = countRefused(refused)
  if (count === 0) return [`${style.bold('Refused')}: nothing`]
  const shown = refused.refusals.slice(0, cap)
  const rest = shown.reduce((left, { times }) => left - times, count)
  return [
    style.warn(`Refused: ${countOf(count, 'action')}`),
    ...shown.flatMap(({ what, why, times }) =>
      wrapText(
        `  ${times > 1 ? `${times} times ` : ''}${formatText(what, 100)}: ${formatText(why, 200)}`,
        columns,
        '    ',
      ),
    ),
    ...(rest > 0 ? beforeCommand(`  and ${rest} others:`, command(`runs show ${shortId(run.id)}`), columns) : []),
    ...allowCommands(shown, run).flatMap((words) => beforeCommand('  to permit it:', command(words), columns)),
  ]
}

function changeLines({ change }: RunSummary, { style, columns, command }: SummaryOptions, cap: number): string[] {
  if (change === null) return []
  const found = inspectionLines(change.change, command)
  return [
    ...wrapText(
      `${style.bold('Change')} ${shortId(change.change.id)}: ${formatText(change.change.title, 200)}`,
      columns,
      '  ',
    ),
    ...attemptLines(change.change),
    ...found.slice(0, cap).flatMap((line) => wrapText(`  ${line}`, columns, '    ').map(style.warn)),
    ...more(found.length, cap, 'finding'),
  ]
}

function more(count: number, shown: number, word: string): string[] {
  return count > shown ? [`  and ${countOf(count - shown, `more ${word}`)}`] : []
}

function nextLines(
  { run, change, artifacts, trace }: RunSummary,
  { style, columns, command, obstacle }: SummaryOptions,
): string[] {
  const names: ByteText[] = artifacts.map(({ name }) => name)
  const rows: [string, string][] = [
    ...(change === null ? [] : [[command(`change diff ${shortId(change.change.id)}`), ''] as [string, string]]),
    [command(`runs show ${shortId(run.id)}`), `${countOf(trace.events, 'event')}, all steps and commands`],
    ...(names.length === 0 || change !== null
      ? []
      : [
          [
            command(`artifact ${shortId(run.id)}`),
            names
              .map((name) => formatText(name, 40))
              .slice(0, 4)
              .join(', '),
          ] as [string, string],
        ]),
  ]
  const width = Math.max(...rows.map(([command]) => command.length))
  return [
    ...(obstacle === null ? [] : wrapText(formatText(obstacle), columns, '  ')),
    // A note is an extra: it goes where it would break a line.
    ...rows.map(([command, note]) =>
      note === '' || width + note.length + 4 > columns
        ? command
        : `${command.padEnd(width)}  ${style.dim(`# ${note}`)}`,
    ),
  ]
}
