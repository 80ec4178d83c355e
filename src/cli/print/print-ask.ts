// Printing of an agent's request to a person. All text except ids and times comes from the agent, which may imitate
// ours.
import type { Ask } from '../../domain/ask.ts'
import { printableBlock } from '../../domain/byte-text.ts'
import { shortId } from '../../domain/ids.ts'
import { formatText } from '../arguments/command-line.ts'
import { formatTime } from '../text/quantities.ts'
import type { SuggestCommand } from '../session/suggest-command.ts'
import type { Style } from '../text/style.ts'

const MAX_PATHS = 50

/** Shows the whole command, so that a person allows exactly what they have read. */
export function askLines(ask: Ask, style: Style): string[] {
  const { id, run, step, agent, tool, title, command, paths } = ask
  const lines = [
    `${style.bold(`Ask ${shortId(id)}`)} ${paintStatus(ask, style)}`,
    `  ${formatText(agent, 60)} in run ${shortId(run)}, step #${step}: ${formatText(tool, 60)} ${formatText(title, 300)}`,
  ]
  if (command !== null) lines.push(...commandLines(command).map((line) => style.accent(line)))
  for (const path of paths.slice(0, MAX_PATHS)) lines.push(`    ${formatText(path, 300)}`)
  if (paths.length > MAX_PATHS) lines.push(`    and ${paths.length - MAX_PATHS} more paths`)
  return [...lines, `  ${stateWords(ask)}`]
}

/** Commands to answer it. */
export function askCommands(id: string, command: SuggestCommand): string[] {
  return [command(`ask allow ${shortId(id)}`), command(`ask deny ${shortId(id)}`)]
}

/** Marks each line, so that none looks like a line of ours. */
function commandLines(command: string): string[] {
  return printableBlock(command)
    .split('\n')
    .map((line) => `    $ ${line}`)
}

function stateWords({ status, openedAt, deadline, decidedAt, decidedBy, note }: Ask): string {
  if (status === 'open') return `asked ${formatTime(openedAt)}, denied automatically at ${formatTime(deadline)}`
  const when = decidedAt === null ? '' : ` ${formatTime(decidedAt)}`
  const who = status === 'expired' ? 'nobody answered' : `${status} by ${decidedBy?.id ?? 'nobody'}`
  return `asked ${formatTime(openedAt)}, ${who}${when}${note === null ? '' : `: ${formatText(note, 400)}`}`
}

function paintStatus({ status }: Ask, style: Style): string {
  if (status === 'open') return style.warn('waits for an answer')
  return status === 'allowed' ? style.good(status) : style.bad(status)
}
