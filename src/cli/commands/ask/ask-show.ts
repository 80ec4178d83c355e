// glovebox ask show
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { showAsk } from '../../progress/answer-asks.ts'
import { withSession } from '../../session/session.ts'

export function registerAskShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([reference], options) =>
    withSession(registry.environment, options, async (session) => {
      const { client, json, print, style } = session
      const ask = await client.getAsk({ params: { ask: reference } })
      const { lines } = json ? { lines: [] } : await showAsk(session, ask, style, false)
      await print(ask, () => `${lines.join('\n')}\n`)
      return 0
    }),
  )
}
