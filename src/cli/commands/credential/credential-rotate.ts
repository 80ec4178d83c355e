// glovebox credential rotate
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { countOf } from '../../text/quantities.ts'
import { withSession } from '../../session/session.ts'

export function registerCredentialRotate(registry: Registry, parent: Command): void {
  addCommand<[]>(registry, {
    parent,
    usage: 'rotate',
    summary: 're-encrypt all stored credentials under a new master key',
    action: (_, options) =>
      withSession(registry.environment, options, async ({ client, print }) => {
        const rotated = await client.rotateCredentials()
        const count = countOf(rotated.credentials, 'credential')
        await print(rotated, () => `The master key is ${rotated.to} now; ${count} sealed under it.\n`)
        return 0
      }),
  })
}
