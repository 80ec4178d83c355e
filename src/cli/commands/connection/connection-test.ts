// glovebox connection test
import type { Command } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { formatText } from '../../arguments/command-line.ts'
import { withSession } from '../../session/session.ts'

export function registerConnectionTest(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([name], options) =>
    withSession(registry.environment, options, async ({ client, print, style }) => {
      const test = await client.testConnection({ params: { connection: name } })
      const works = test.outcome === 'works'
      const lines = [
        `${works ? style.good('ok') : style.bad(test.outcome)}  ${formatText(test.message, 300)}`,
        ...test.missing.map((model) => `${style.warn('not listed')}  ${formatText(model)}`),
        ...(test.cure === null ? [] : [`  ${formatText(test.cure, 300)}`]),
      ]
      await print(test, () => `${lines.join('\n')}\n`)
      return works ? EXIT.done : EXIT.platformFailed
    }),
  )
}
