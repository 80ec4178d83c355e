// All that `glovebox runs show` says about a run, with the verdict as the last line. All of its text may come from a
// sandbox.
import { formatBytes } from '../../domain/format-bytes.ts'
import { exitWords } from '../../domain/exit-words.ts'
import { shortId } from '../../domain/ids.ts'
import { FINISHED, type Run } from '../../domain/run.ts'
import { formatText, shorten } from '../arguments/command-line.ts'
import { allowCommands } from './allow-words.ts'
import { failedStep } from './failed-step.ts'
import { advisoryLines } from './print-advisories.ts'
import { changeCommands, changeLines } from './print-change.ts'
import { spendingText } from './model-spending.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { countOf, formatDuration } from '../text/quantities.ts'
import { countRefused } from './refusals.ts'
import type { RunSummary, StepResult } from './run-summary.ts'
import { paintOutcome, type Style } from '../text/style.ts'
import { alignColumns, wrapColumns } from '../text/table.ts'
import { beforeCommand, wrapText } from '../text/wrap.ts'
import { verdictLines } from './verdict.ts'

const MAX_FILES = 100

export interface SummaryOptions {
  style: Style
  columns: number
  command: SuggestCommand
  /** Why the reading person can't approve the change. */
  obstacle: string | null
}

export function renderRunSummary(summary: RunSummary, options: SummaryOptions): string {
  const { style } = options
  const sections = [
    headLines(summary, options),
    summary.advisories === null ? [] : advisoryLines(summary.advisories, options),
    stepLines(summary, options),
    fileLines(summary, style),
    refusalLines(summary, options),
    summary.change === null ? [] : changeLines(summary.change, options),
    nextLines(summary, options),
    verdictLines(summary, options, style),
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function headLines(
  { run, trace, notes, toolchain, failures, coverage, spending }: RunSummary,
  { style, columns }: SummaryOptions,
): string[] {
  const via = run.requester.via === undefined ? '' : ` through ${formatText(run.requester.via)}`
  const rows = [
    ['task', `${formatText(run.task)} (${run.mode})`],
    ['repository', formatText(run.repository) + (run.commit === null ? '' : ` at ${run.commit.slice(0, 12)}`)],
    ...toolchainRows(toolchain),
    ['requested by', `${formatText(run.requester.id)}${via}`],
    [
      'recorded',
      `${countOf(trace.processes, 'process', 'processes')}, ${countOf(trace.requests, 'request')}, ${trace.denied} denied, ` +
        `${trace.filesRead} files read, ${trace.filesWritten} written`,
    ],
    ...(spending.calls === 0 ? [] : [['models', formatText(spendingText(spending))]]),
  ]
  const lines = [
    ...wrapText(
      style.bold(`Run ${run.id} `) +
        outcome(run, style) +
        (run.reason === null ? '' : `: ${formatText(run.reason, 500)}`),
      columns,
      '  ',
    ),
    ...wrapColumns(rows, columns - 2).map((row) => `  ${row}`),
    ...notes.flatMap((note) => wrapText(`  ${formatText(note, 300)}`, columns, '    ')),
  ]
  return [...lines, ...incompleteLines({ run, coverage, failures }, style, columns)]
}

/** What makes the record or the run untrustworthy, and the verdict does not say. */
export function incompleteLines(
  { run, coverage, failures }: Pick<RunSummary, 'run' | 'coverage' | 'failures'>,
  style: Style,
  columns: number,
): string[] {
  const texts = [
    ...(coverage?.complete === false
      ? [
          `The record is not complete: ${formatText(coverage.blindSpots.join('; ') || `${coverage.dropped} events were dropped`, 300)}`,
        ]
      : []),
    ...failures.filter((failure) => failure !== run.reason).map((failure) => formatText(failure, 500)),
  ]
  return texts.flatMap((text) => wrapText(`  ${text}`, columns, '    ').map(style.bad))
}

function toolchainRows(toolchain: RunSummary['toolchain']): string[][] {
  const entries = Object.entries(toolchain).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const text = entries.map(([name, version]) => `${formatText(name)} ${formatText(version)}`).join(', ')
  return text === '' ? [] : [['toolchain', text]]
}

function outcome({ status, startedAt, finishedAt }: Run, style: Style): string {
  const took = startedAt !== null && finishedAt !== null ? formatDuration(finishedAt - startedAt) : null
  if (status === 'succeeded') return style.good(status) + (took === null ? '' : ` in ${took}`)
  const word = status === 'error' ? 'ended by an error' : status
  const text = FINISHED.includes(status) ? style.bad(word) : style.warn(word)
  return text + (took === null ? '' : ` after ${took}`)
}

function stepLines(summary: RunSummary, { style, columns }: SummaryOptions): string[] {
  const { steps, commands } = summary
  if (steps.length === 0) return []
  const rows = steps.map((step) => {
    const remark = stepRemark(step)
    return [
      `#${step.step}`,
      paintOutcome(step.outcome, style),
      step.outcome === 'skipped' ? '-' : formatDuration(step.wallMs),
      formatText(step.name, 100) + (remark === '' ? '' : `: ${remark}`),
      commands.of(step.step).join(', '),
    ]
  })
  const failed = failedStep(steps)
  return [
    style.bold('Steps, and what they ran'),
    ...alignColumns(rows, columns - 2).map((row) => `  ${row}`),
    ...(failed === undefined || summary.failedOutput.length === 0
      ? []
      : ['', ...failedStepLines(failed, summary, style, columns)]),
  ]
}

/** What a row of a step says besides its outcome: how it ended, its note, and a gap in its output. */
function stepRemark(step: StepResult): string {
  const how = step.outcome === 'skipped' || step.code === 0 ? '' : exitWords(step)
  const cut =
    step.outputOmitted === 0 ? '' : `${formatBytes(step.outputOmitted)} from the middle of its output not kept`
  return [how, step.note === undefined ? '' : formatText(step.note, 200), cut].filter((part) => part !== '').join(', ')
}

/** A step that did not succeed. If its failure ended the run, with its last lines, marked so that none looks like ours. */
export function failedStepLines(
  step: StepResult,
  { steps, failedOutput }: RunSummary,
  style: Style,
  columns: number,
): string[] {
  const remark = stepRemark(step)
  const head = `  ${step.outcome}: ${formatText(step.name, 100)}${remark === '' ? '' : `, ${remark}`} after ${formatDuration(step.wallMs)}`
  const output = step === failedStep(steps) ? failedOutput : []
  return [
    ...wrapText(head, columns, '    ').map(style.bad),
    ...output.map((line) => `  ${style.dim('|')} ${shorten(line, columns - 4)}`),
  ]
}

function fileLines({ files, filesWhole }: RunSummary, style: Style): string[] {
  if (files.length === 0) return []
  const rows = files
    .slice(0, MAX_FILES)
    .map((file) => [style.good(`+${file.insertions}`), style.bad(`-${file.deletions}`), formatText(file.path, 200)])
  const more = files.length > MAX_FILES ? [`  and ${files.length - MAX_FILES} more`] : []
  return [
    style.bold('Files changed'),
    ...alignColumns(rows).map((row) => `  ${row}`),
    ...more,
    ...(filesWhole ? [] : ['  (the diff is too large to list them all)']),
  ]
}

function refusalLines({ run, refused }: RunSummary, { style, columns, command }: SummaryOptions): string[] {
  const count = countRefused(refused)
  if (count === 0) return [`${style.bold('Refused')}: nothing`]
  const lines = refused.refusals.flatMap(({ what, why, times }) =>
    wrapText(
      `  ${formatText(what, 200)}${times > 1 ? ` (${times} times)` : ''}: ${formatText(why, 300)}`,
      columns,
      '    ',
    ),
  )
  return [
    style.bold(`Refused: ${countOf(count, 'action')}`),
    ...lines,
    ...(refused.omitted > 0 ? [`  and ${refused.omitted} others`] : []),
    ...allowCommands(refused.refusals, run).flatMap((words) =>
      beforeCommand('  to permit it:', command(words), columns),
    ),
  ]
}

function nextLines({ run, change, artifacts, steps, trace }: RunSummary, options: SummaryOptions): string[] {
  const { style, command, obstacle } = options
  const commands =
    change === null
      ? []
      : [command(`change show ${shortId(change.change.id)}`), ...changeCommands(change, command, obstacle)]
  // For a single command, people want its output; for a task, the output of the failed step.
  const telling = steps.find(
    ({ outcome, name }) =>
      outcome === 'failed' || outcome === 'timed-out' || (run.taskSource === 'ad-hoc' && name === 'command'),
  )
  if (telling) commands.push(command(`output ${shortId(run.id)} ${telling.step}`))
  commands.push(`${command(`trace ${shortId(run.id)}`)}  ${style.dim(`# ${countOf(trace.events, 'event')}`)}`)
  for (const artifact of artifacts)
    commands.push(
      `${command(`artifact ${shortId(run.id)} ${formatText(artifact.name)}`)}  ${style.dim(`# ${formatBytes(artifact.bytes)}`)}`,
    )
  return [style.bold('Next'), ...commands.map((command) => `  ${command}`)]
}
