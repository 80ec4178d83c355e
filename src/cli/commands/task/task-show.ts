// glovebox task show
import type { Command } from 'commander'
import { printableBlock } from '../../../domain/byte-text.ts'
import { addCommand, type Registry } from '../../add-command.ts'
import { withSession } from '../../session/session.ts'

export function registerTaskShow(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'show <task>',
    summary: 'print a task file',
    action: ([name], options) =>
      withSession(registry.environment, options, async ({ client, print }) => {
        const task = await client.getTask({ params: { task: name } })
        await print(task, () => `${printableBlock(task.text.trimEnd())}\n`)
        return 0
      }),
  })
}
