// glovebox task list
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerTaskList(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, options, async ({ client, print, columns }) => {
      const { tasks } = await client.listTasks()
      const rows = tasks.map((task) => [
        formatText(task.name),
        task.mode,
        task.source,
        formatText(task.description.split('\n')[0] ?? '', 100),
      ])
      await print(
        tasks,
        () => `${alignColumns([['TASK', 'MODE', 'FROM', 'DESCRIPTION'], ...rows], columns).join('\n')}\n`,
      )
      return 0
    }),
  )
}
