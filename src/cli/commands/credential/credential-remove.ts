// glovebox credential remove
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'

export function registerCredentialRemove(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([name], options) =>
    withSession(registry.environment, options, async ({ client, print }) => {
      const answer = await client.removeCredential({ params: { credential: name } })
      await print(answer, () => `Credential ${formatText(answer.removed)} removed.\n`)
      return 0
    }),
  )
}
