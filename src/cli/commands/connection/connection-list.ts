// glovebox connection list
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { connectionList } from '../../print/connections/print-connection.ts'
import { withSession } from '../../session/session.ts'
import { spellCommands } from '../../session/suggest-command.ts'

const NONE = 'There are no connections yet: see `glovebox connection set --help`.\n'

export function registerConnectionList(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print, columns }) => {
      const { connections } = await client.listConnections()
      await print(connections, () =>
        connections.length === 0 ? spellCommands(NONE, registry.environment.env) : connectionList(connections, columns),
      )
      return 0
    }),
  )
}
