// glovebox change merge
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { changeLines } from '../../print/print-change.ts'
import { withSession } from '../../session/session.ts'

export function registerChangeMerge(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([change], options) =>
    withSession(registry.environment, options, async ({ client, print, style, columns, folder }) => {
      const detail = await client.mergeChange({ params: { change } })
      await print(detail, () => `${changeLines(detail, { style, columns, command: folder.command }).join('\n')}\n`)
      return 0
    }),
  )
}
