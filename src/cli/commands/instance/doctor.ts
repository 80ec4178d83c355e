// glovebox doctor
import type { Command } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import type { Health } from '../../../contract/resources.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'
import { alignColumns } from '../../text/table.ts'

export function registerDoctor(registry: Registry, command: Command): void {
  addAction<[]>(registry, command, (_, options) =>
    withSession(registry.environment, { ...options, makesFolder: true }, async ({ client, print, style }) => {
      const health = await client.getHealth()
      const rows = health.probes.map((probe) => [
        probe.found ? (probe.weak === true ? style.warn('weak') : style.good('ok')) : style.bad('missing'),
        formatText(probe.name, 60),
        formatText(probe.detail, 300) +
          ((probe.found && probe.weak !== true) || probe.cure === null
            ? ''
            : style.warn(` -> ${formatText(probe.cure, 300)}`)),
      ])
      await print(health, () => `${[...alignColumns(rows), verdictOf(health)].join('\n')}\n`)
      return health.healthy ? EXIT.done : EXIT.platformFailed
    }),
  )
}

function verdictOf({ probes }: Health): string {
  const missing = probes.filter(({ found }) => !found).map(({ name }) => formatText(name, 60))
  const weak = probes.filter(({ weak }) => weak === true).map(({ name }) => formatText(name, 60))
  const also = weak.length === 0 ? '' : ` Weak: ${weak.join(', ')}.`
  if (missing.length > 0) return `Missing: ${missing.join(', ')}.${also}`
  return weak.length === 0
    ? 'This machine has everything.'
    : `Runs work on this machine, but not everything is there.${also}`
}
