// glovebox doctor
import type { Command } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerDoctor(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, { ...options, makesFolder: true }, async ({ client, print, style }) => {
      const health = await client.getHealth()
      const rows = health.probes.map((probe) => [
        probe.found ? style.good('ok') : style.bad('missing'),
        formatText(probe.name, 60),
        formatText(probe.detail, 300) +
          (probe.found || probe.cure === null ? '' : style.warn(` -> ${formatText(probe.cure, 300)}`)),
      ])
      const verdict = health.healthy ? 'This machine has everything.' : 'Something is missing.'
      await print(health, () => `${[...alignColumns(rows), verdict].join('\n')}\n`)
      return health.healthy ? EXIT.done : EXIT.platformFailed
    }),
  )
}
