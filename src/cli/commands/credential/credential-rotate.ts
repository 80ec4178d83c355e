// glovebox credential rotate
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { countOf } from '../../text/quantities.ts'
import { withSession } from '../../session/session.ts'

export function registerCredentialRotate(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print }) => {
      const rotated = await client.rotateCredentials()
      const count = countOf(rotated.credentials, 'credential')
      await print(rotated, () => `The master key is ${rotated.to} now; ${count} sealed under it.\n`)
      return 0
    }),
  )
}
