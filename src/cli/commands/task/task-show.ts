// glovebox task show
import type { Command } from 'commander'
import { printableBlock } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { withSession } from '../../session/session.ts'

export function registerTaskShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([name], options) =>
    withSession(registry.environment, options, async ({ client, print }) => {
      const task = await client.getTask({ params: { task: name } })
      await print(task, () => `${printableBlock(task.text.trimEnd())}\n`)
      return 0
    }),
  )
}
