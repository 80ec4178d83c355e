// glovebox ask list
import type { Command } from 'commander'
import type { Ask } from '../../../domain/ask.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { askCommands, askLines } from '../../print/print-ask.ts'
import { nextSection } from '../../print/print-change.ts'
import { type CommonOptions, type Session, withSession } from '../../session/session.ts'

interface Options extends CommonOptions {
  all?: boolean
  run?: string
  limit: number
}

export function registerAskList(registry: Registry, command: Command): void {
  addAction<[], Options>(registry, command, (_, options) =>
    withSession(registry.environment, options, (session) => list(session, options)),
  )
    .option('--all', 'also answered requests')
    .option('--run <run>', 'only requests of this run')
    .option('--limit <n>', 'the maximum number of requests', parseLimit, 20)
}

async function list(session: Session, { all, run, limit }: Options): Promise<number> {
  const { client, print } = session
  const query = { limit, ...(all === true ? {} : { status: ['open' as const] }), ...(run === undefined ? {} : { run }) }
  const { asks } = await client.listAsks({ query })
  await print(asks, () => (asks.length === 0 ? `${none(all)}\n` : `${render(asks, session)}\n`))
  return 0
}

function none(all: boolean | undefined): string {
  return all === true ? 'No agent has asked anything yet.' : 'No agent is waiting for an answer.'
}

function render(asks: readonly Ask[], { style, folder }: Session): string {
  const blocks = asks.map((ask) => askLines(ask, style).join('\n'))
  const [open] = asks.filter(({ status }) => status === 'open')
  return [blocks.join('\n\n'), ...nextSection(open ? askCommands(open.id, folder.command) : [], style)].join('\n')
}
