// glovebox connection list
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerConnectionList(registry: Registry, parent: Command): void {
  addCommand<[]>(registry, {
    parent,
    usage: 'list',
    summary: 'list the model connections',
    isDefault: true,
    action: (_, options) =>
      withSession(registry.environment, options, async ({ client, print, columns }) => {
        const { connections } = await client.listConnections()
        const rows = connections.map(({ name, provider, url, models, origin }) => [
          formatText(name),
          provider,
          origin === 'file' ? 'glovebox.yaml' : 'API',
          formatText(url, 80),
          formatText(models.join(', '), 200),
        ])
        await print(connections, () =>
          rows.length === 0
            ? 'No model is connected yet: see `glovebox connection set --help`.\n'
            : `${alignColumns([['CONNECTION', 'PROVIDER', 'SET IN', 'URL', 'MODELS'], ...rows], columns).join('\n')}\n`,
        )
        return 0
      }),
  })
}
