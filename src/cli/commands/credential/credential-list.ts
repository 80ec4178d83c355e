// glovebox credential list
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { formatTime } from '../../text/quantities.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerCredentialList(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print, columns }) => {
      const { credentials } = await client.listCredentials()
      const rows = credentials.map(({ name, updatedAt, key }) => [formatText(name), formatTime(updatedAt), key])
      await print(credentials, () =>
        rows.length === 0
          ? 'No credential is stored yet.\n'
          : `${alignColumns([['CREDENTIAL', 'SET', 'MASTER KEY'], ...rows], columns).join('\n')}\n`,
      )
      return 0
    }),
  )
}
