// glovebox runs cancel
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { withSession } from '../../session/session.ts'

export function registerRunsCancel(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([reference], options) =>
    withSession(registry.environment, options, async ({ client, print }) => {
      const run = await client.cancelRun({ params: { run: reference } })
      await print(run, () => `Run ${run.id} was asked to stop.\n`)
      return 0
    }),
  )
}
