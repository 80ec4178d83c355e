// glovebox connection remove
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'

export function registerConnectionRemove(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'remove <name>',
    summary: 'remove a connection that was set with `connection set`',
    action: ([name], options) =>
      withSession(registry.environment, options, async ({ client, print }) => {
        const answer = await client.removeConnection({ params: { connection: name } })
        await print(answer, () => `Connection ${formatText(answer.removed)} removed.\n`)
        return 0
      }),
  })
}
