// glovebox change list
import type { Command } from 'commander'
import type { Change } from '../../../domain/change.ts'
import { shortId } from '../../../domain/ids.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { formatTime } from '../../text/quantities.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerChangeList(registry: Registry, command: Command): void {
  addAction<[], CommonOptions & { limit: number }>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print, columns }) => {
      const { changes } = await client.listChanges({ query: { limit: options.limit } })
      await print(changes, () => (changes.length === 0 ? 'There is no change yet.\n' : changeTable(changes, columns)))
      return 0
    }),
  ).option('--limit <n>', 'the maximum number of changes', parseLimit, 20)
}

function changeTable(changes: readonly Change[], columns: number): string {
  const rows = changes.map((change) => [
    shortId(change.id),
    change.status,
    formatTime(change.createdAt),
    `+${change.insertions} -${change.deletions}`,
    formatText(change.target, 40),
    formatText(change.title, 100),
  ])
  return `${alignColumns([['CHANGE', 'STATUS', 'PROPOSED', 'LINES', 'INTO', 'TITLE'], ...rows], columns).join('\n')}\n`
}
