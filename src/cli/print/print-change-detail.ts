// Printing of everything about a change except its diff: what it says, its gate, its checks and its decisions.
import type { ChangeDetail } from '../../contract/resources.ts'
import { printableBlock } from '../../domain/byte-text.ts'
import { shortId } from '../../domain/ids.ts'
import { formatText } from '../arguments/command-line.ts'
import type { Session } from '../session/session.ts'
import type { Style } from '../text/style.ts'
import { wrapColumns } from '../text/table.ts'
import { wrapText } from '../text/wrap.ts'
import { advisoryLines } from './print-advisories.ts'
import { type ChangeLook, changeLines } from './print-change.ts'

type Look = Pick<Session, 'style' | 'columns' | 'folder'>

export function changeDetailLines(detail: ChangeDetail, look: Look): string[] {
  return [
    ...changeLines(detail, lookOf(look)),
    ...originLines(detail, look),
    ...explanationLines(detail, look),
    ...checkLines(detail, look),
    ...attemptsLines(detail, look),
  ]
}

/** What a person reads before the decision, however long it is: what the change says about itself, and its attempts. */
export function backgroundLines(detail: ChangeDetail, look: Look): string[] {
  return [...explanationLines(detail, look), ...attemptsLines(detail, look)]
}

/** What a person needs on the screen for the decision: what the change is, its gate and its checks. */
export function standingLines(detail: ChangeDetail, look: Look): string[] {
  return [...changeLines(detail, lookOf(look)), ...originLines(detail, look), ...checkLines(detail, look)]
}

function lookOf({ style, columns, folder }: Look): ChangeLook {
  return { style, columns, command: folder.command }
}

function originLines({ change }: ChangeDetail, { columns }: Look): string[] {
  const via = change.requester.via === undefined ? '' : ` through ${formatText(change.requester.via)}`
  const run = change.attempts[0]?.run ?? change.run
  return wrapText(`  from run ${run}, requested by ${formatText(change.requester.id)}${via}`, columns, '    ')
}

/** Its body, and the advisories and packages that it changes. */
function explanationLines({ change, advisories }: ChangeDetail, { style, columns }: Look): string[] {
  const body = printableBlock(change.body.trim())
  return [
    ...(body === '' ? [] : ['', ...body.split('\n').flatMap((line) => wrapText(`  ${line}`, columns, '  '))]),
    ...(advisories === null ? [] : ['', ...advisoryLines(advisories, { style, columns })]),
  ]
}

function checkLines({ change }: ChangeDetail, { style, columns }: Look): string[] {
  const checks = change.checks.map((check) => [
    check.passed ? style.good('passed') : style.bad('failed'),
    formatText(check.name, 60),
    formatText(check.detail, 300),
  ])
  const decisions = change.decisions.map(
    (decision) =>
      `${decision.decision} by ${formatText(decision.actor.id)} for ${decision.commit.slice(0, 12)}${decision.reason === null ? '' : `: ${formatText(decision.reason, 500)}`}`,
  )
  return [...section('Checks', wrapColumns(checks, columns - 2), style), ...section('Decisions', decisions, style)]
}

function attemptsLines(detail: ChangeDetail, { style }: Look): string[] {
  return section('Attempts', attemptsSection(detail), style)
}

/** Attempts with their comments; nothing if there was only one. */
function attemptsSection({ change, attempts: runs }: ChangeDetail): string[] {
  if (change.attempts.length <= 1) return []
  return change.attempts.flatMap(({ number, run, requester, start, commit }) => {
    const detail = runs.find((one) => one.run === run)
    const via = requester.via === undefined ? '' : ` through ${formatText(requester.via)}`
    const from = start === null ? '' : `, from ${start.slice(0, 12)}`
    const to = commit === null ? '' : ` to ${commit.slice(0, 12)}`
    const reason = detail?.reason ? `: ${formatText(detail.reason, 300)}` : ''
    return [
      `${number}  run ${shortId(run)} ${detail?.status}, requested by ${formatText(requester.id)}${via}${from}${to}${reason}`,
      ...printableBlock(detail?.comments?.trim() ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => `     ${line}`),
    ]
  })
}

function section(title: string, content: readonly string[], style: Style): string[] {
  return content.length === 0 ? [] : ['', style.bold(title), ...content.map((line) => `  ${line}`)]
}
