// glovebox credential set
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import { readSecret } from '../../arguments/read-secret.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

export function registerCredentialSet(registry: Registry, command: Command): void {
  addAction<[string], CommonOptions & { file?: string }>(registry, command, async ([name], options) => {
    const value = await readSecret(registry.environment, name, options.file ?? null)
    return withSession(registry.environment, { ...options, makesFolder: true }, async ({ client, print }) => {
      const stored = await client.setCredential({ params: { credential: name }, body: { value } })
      const verb = stored.createdAt === stored.updatedAt ? 'is stored' : 'has a new value'
      await print(stored, () => `Credential ${stored.name} ${verb}, sealed under key ${stored.key}.\n`)
      return 0
    })
  })
    .option('--file <file>', 'read the value from a file, without its final line break')
    // Commander would print an excess argument, which may be the secret value.
    .allowExcessArguments()
    .allowUnknownOption()
    .hook('preAction', (_, { args }) => {
      if (args.length > 1)
        throw new UsageError('the value must not be an argument: pass it on standard input, or in a file with --file')
    })
}
