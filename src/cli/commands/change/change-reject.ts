// glovebox change reject
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { changeLines } from '../../print/print-change.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

export function registerChangeReject(registry: Registry, command: Command): void {
  addAction<[string], CommonOptions & { reason?: string; commit?: string }>(registry, command, ([change], options) =>
    withSession(registry.environment, options, async ({ client, print, style, columns, folder }) => {
      const detail = await client.rejectChange({
        params: { change },
        body: { reason: options.reason ?? null, commit: options.commit ?? null },
      })
      await print(detail, () => `${changeLines(detail, { style, columns, command: folder.command }).join('\n')}\n`)
      return 0
    }),
  )
    .option('--reason <text>', 'why')
    .option('--commit <id>', 'the commit that you read, or its first digits')
}
