// glovebox connection show
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { connectionText } from '../../print/connections/print-connection.ts'
import { withSession } from '../../session/session.ts'

export function registerConnectionShow(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'show <name>',
    summary: 'show a connection',
    action: ([name], options) =>
      withSession(registry.environment, options, async ({ client, print, style }) => {
        const connection = await client.getConnection({ params: { connection: name } })
        await print(connection, () => connectionText(connection, style))
        return 0
      }),
  })
}
