// glovebox connection show
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { connectionText } from '../../print/connections/print-connection.ts'
import { withSession } from '../../session/session.ts'

export function registerConnectionShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([name], options) =>
    withSession(registry.environment, options, async ({ client, print, style }) => {
      const connection = await client.getConnection({ params: { connection: name } })
      await print(connection, () => connectionText(connection, style))
      return 0
    }),
  )
}
