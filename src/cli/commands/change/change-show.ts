// glovebox change show
import type { Command } from 'commander'
import { shortId } from '../../../domain/ids.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { approvalObstacle } from '../../print/approval.ts'
import { changeCommands, nextSection } from '../../print/print-change.ts'
import { changeDetailLines } from '../../print/print-change-detail.ts'
import { withSession } from '../../session/session.ts'

export function registerChangeShow(registry: Registry, command: Command): void {
  addAction<[string]>(registry, command, ([change], options) =>
    withSession(registry.environment, options, async (session) => {
      const { client, json, print, style, folder } = session
      const detail = await client.getChange({ params: { change } })
      const obstacle = json ? null : await approvalObstacle(session, detail)
      await print(detail, () => {
        const next = nextSection(
          [...changeCommands(detail, folder.command, obstacle), folder.command(`trace ${shortId(detail.change.run)}`)],
          style,
        )
        return `${[...changeDetailLines(detail, session), ...next].join('\n')}\n`
      })
      return 0
    }),
  )
}
