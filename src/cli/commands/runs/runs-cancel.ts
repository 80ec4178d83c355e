// glovebox runs cancel
import type { Command } from 'commander'
import { addCommand, type Registry } from '../../add-command.ts'
import { withSession } from '../../session/session.ts'

export function registerRunsCancel(registry: Registry, parent: Command): void {
  addCommand<[string]>(registry, {
    parent,
    usage: 'cancel <run>',
    summary: 'ask a run to stop',
    action: ([reference], options) =>
      withSession(registry.environment, options, async ({ client, print }) => {
        const run = await client.cancelRun({ params: { run: reference } })
        await print(run, () => `Run ${run.id} was asked to stop.\n`)
        return 0
      }),
  })
}
