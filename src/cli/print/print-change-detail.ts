// Printing of everything about a change except its diff: what it says, its gate, its checks and its decisions.
import type { ChangeDetail } from '../../contract/resources.ts'
import { printableBlock } from '../../domain/byte-text.ts'
import { shortId } from '../../domain/ids.ts'
import { formatText } from '../arguments/command-line.ts'
import type { Session } from '../session/session.ts'
import type { Style } from '../text/style.ts'
import { alignColumns } from '../text/table.ts'
import { advisoryLines } from './print-advisories.ts'
import { changeLines } from './print-change.ts'

type Look = Pick<Session, 'style' | 'columns' | 'folder'>

export function changeDetailLines(detail: ChangeDetail, { style, columns, folder }: Look): string[] {
  const { change, advisories } = detail
  const body =
    change.body.trim() === ''
      ? []
      : [
          '',
          ...printableBlock(change.body.trim())
            .split('\n')
            .map((line) => `  ${line}`),
        ]
  const via = change.requester.via === undefined ? '' : ` through ${formatText(change.requester.via)}`
  const checks = change.checks.map((check) => [
    check.passed ? style.good('passed') : style.bad('failed'),
    formatText(check.name, 60),
    formatText(check.detail, 300),
  ])
  const decisions = change.decisions.map(
    (decision) =>
      `${decision.decision} by ${formatText(decision.actor.id)} for ${decision.commit.slice(0, 12)}${decision.reason === null ? '' : `: ${formatText(decision.reason, 500)}`}`,
  )
  return [
    ...changeLines(detail, style, folder.command),
    `  from run ${change.attempts[0]?.run ?? change.run}, requested by ${formatText(change.requester.id)}${via}`,
    ...body,
    ...(advisories === null ? [] : ['', ...advisoryLines(advisories, { style, columns })]),
    ...section('Checks', alignColumns(checks), style),
    ...section('Decisions', decisions, style),
    ...section('Attempts', attemptsSection(detail), style),
  ]
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
