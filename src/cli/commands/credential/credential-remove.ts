// glovebox credential remove
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'

export function registerCredentialRemove(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'remove <name>',
    summary: 'remove a credential from the encrypted store',
    action: ([name], options) =>
      withSession(registry.environment, options, async ({ client, print }) => {
        const answer = await client.removeCredential({ params: { credential: name } })
        await print(answer, () => `Credential ${formatText(answer.removed)} removed.\n`)
        return 0
      }),
  })
}
