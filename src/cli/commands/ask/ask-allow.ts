// glovebox ask allow
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { askLines } from '../../print/print-ask.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

export function registerAskAllow(registry: Registry, command: Command): void {
  addAction<[string], CommonOptions & { reason?: string }>(registry, command, ([ask], options) =>
    withSession(registry.environment, options, async ({ client, print, style }) => {
      const answered = await client.allowAsk({ params: { ask }, body: { reason: options.reason ?? null } })
      await print(answered, () => `${askLines(answered, style).join('\n')}\n`)
      return 0
    }),
  ).option('--reason <text>', 'why')
}
