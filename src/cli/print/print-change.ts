// Printing of a change and its gate.
import type { ChangeDetail } from '../../contract/resources.ts'
import { type Change, changeCan, INSPECTION_REPORT } from '../../domain/change.ts'
import { gateIsOpen } from '../../domain/gate.ts'
import { shortId } from '../../domain/ids.ts'
import { formatText } from '../arguments/command-line.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import { countOf } from '../text/quantities.ts'
import type { Style } from '../text/style.ts'
import { wrapColumns } from '../text/table.ts'
import { wrapText } from '../text/wrap.ts'

export interface ChangeLook {
  style: Style
  columns: number
  command: SuggestCommand
}

export function changeLines({ change, gate }: ChangeDetail, { style, columns, command }: ChangeLook): string[] {
  const title = `${style.bold(`Change ${change.id}`)} ${paintStatus(change.status, style)}: ${formatText(change.title, 200)}`
  const lines = [
    ...wrapText(title, columns, '  '),
    `  ${countOf(change.files, 'file')}, +${change.insertions} -${change.deletions}, commit ${change.commit.slice(0, 12)}`,
    ...wrapText(`  ${formatText(change.branch)} into ${formatText(change.target)}`, columns, '    '),
  ]
  lines.push(...attemptLines(change))
  if (change.mergeCommit !== null) lines.push(`  merged as ${change.mergeCommit.slice(0, 12)}`)
  lines.push(...inspectionLines(change, command).map((line) => style.warn(`  ${line}`)))
  return [...lines, ...(change.status === 'merged' ? [] : gateLines(gate, style, columns))]
}

/** Says which run the commit is from, because the reader may look at another run of the change. */
export function attemptLines({ run, attempts }: Change): string[] {
  if (attempts.length <= 1) return []
  const number = attempts.find((attempt) => attempt.run === run)?.number
  return [`  the commit is from attempt ${number} of ${attempts.length}, run ${shortId(run)}`]
}

/** The words of the command that approves the current commit. */
export function approveWords({ id, commit, attempts }: Change): string {
  const named = attempts.length > 1 ? ` --commit ${commit.slice(0, 12)}` : ''
  return `change approve ${shortId(id)}${named}`
}

const MAX_PATHS = 50

/** Findings, protected paths that no finding names, and the command for the rest. */
export function inspectionLines({ run, findings, protectedPaths }: Change, command: SuggestCommand): string[] {
  const shown = findings.map((finding) => formatText(finding, 500))
  const paths = protectedPaths
    .map((path) => formatText(path, 200))
    .filter((path) => !shown.some((line) => line.includes(path)))
  const listed = paths.slice(0, MAX_PATHS).map((path) => `touches a protected path: ${path}`)
  const rest = paths.length - listed.length
  const isCut = rest > 0 || shown.some((line) => /: and \d+ more$/.test(line))
  return [
    ...shown,
    ...listed,
    ...(rest > 0 ? [`touches ${countOf(rest, 'more protected path')}`] : []),
    ...(isCut ? [`all of it: ${command(`artifact ${shortId(run)} ${INSPECTION_REPORT}`)}`] : []),
  ]
}

function gateLines(gate: ChangeDetail['gate'], style: Style, columns: number): string[] {
  const rows = gate.map((condition) => [
    condition.met ? style.good('met') : style.warn('not met'),
    formatText(condition.name, 60),
    formatText(condition.detail, 300),
  ])
  return [
    style.bold(gateIsOpen(gate) ? '  Gate: open, it can be merged' : '  Gate: closed'),
    ...wrapColumns(rows, columns - 4).map((row) => `    ${row}`),
  ]
}

/** Next commands. `obstacle`: why the person can't approve. */
export function changeCommands(
  { change, gate }: ChangeDetail,
  suggest: SuggestCommand,
  obstacle: string | null,
): string[] {
  const command = (verb: string) => suggest(`change ${verb} ${shortId(change.id)}`)
  const commands = [command('diff')]
  const wantsApproval =
    changeCan('approve', change.status) && gate.some((condition) => condition.name === 'approved' && !condition.met)
  if (wantsApproval && obstacle !== null) return [...commands, `# ${formatText(obstacle)}`]
  if (wantsApproval) commands.push(suggest(approveWords(change)))
  if (changeCan('merge', change.status)) commands.push(command('merge'))
  if (change.status === 'rejected')
    commands.push(suggest(`change retry ${shortId(change.id)}${hasReason(change) ? '' : ' --comment TEXT'}`))
  return commands
}

/** Whether a rejection of the commit says what should be better. */
function hasReason({ commit, decisions }: Change): boolean {
  return decisions.some((made) => made.decision === 'rejected' && made.commit === commit && made.reason !== null)
}

/** Final section with the next commands; empty if there are none. */
export function nextSection(commands: readonly string[], style: Style): string[] {
  return commands.length === 0 ? [] : ['', style.bold('Next'), ...commands.map((command) => `  ${command}`)]
}

function paintStatus(status: string, style: Style): string {
  return status === 'rejected' ? style.bad(status) : status === 'open' ? style.warn(status) : style.good(status)
}
