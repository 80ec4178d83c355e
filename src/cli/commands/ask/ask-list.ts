// glovebox ask list
import type { Command } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import type { Ask } from '../../../domain/ask.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { parseLimit } from '../../arguments/parse-limit.ts'
import { askCommands, askLines } from '../../print/print-ask.ts'
import { nextSection } from '../../print/print-change.ts'
import { answerAsk, showAsk } from '../../progress/answer-asks.ts'
import { type Keyboard, openKeyboard } from '../../session/keyboard.ts'
import { type CommonOptions, type Session, withSession } from '../../session/session.ts'
import { writeLine } from '../../text/write.ts'

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
  const { client, json, print } = session
  const query = { limit, ...(all === true ? {} : { status: ['open' as const] }), ...(run === undefined ? {} : { run }) }
  const { asks } = await client.listAsks({ query })
  if (json || asks.length === 0) {
    await print(asks, () => `${none(all)}\n`)
    return EXIT.done
  }
  using keyboard = asks.some(isOpen) ? openKeyboard(session.environment) : null
  return await (keyboard === null ? printAll(session, asks) : answerEach(session, asks, keyboard))
}

function none(all: boolean | undefined): string {
  return all === true ? 'No agent has asked anything yet.' : 'No agent is waiting for an answer.'
}

function isOpen({ status }: Ask): boolean {
  return status === 'open'
}

async function printAll(session: Session, asks: readonly Ask[]): Promise<number> {
  const { print, style, folder } = session
  const blocks: string[] = []
  for (const ask of asks) blocks.push(await block(session, ask))
  const open = asks.find(isOpen)
  const next = nextSection(open ? askCommands(open.id, folder.command) : [], style)
  await print(asks, () => `${[blocks.join('\n\n'), ...next].join('\n')}\n`)
  return EXIT.done
}

/** Only an open request is shown with its input, because nobody decides on another one. */
async function block(session: Session, ask: Ask): Promise<string> {
  const lines = isOpen(ask) ? (await showAsk(session, ask, session.style)).lines : askLines(ask, session.style)
  return lines.join('\n')
}

async function answerEach(session: Session, asks: readonly Ask[], keyboard: Keyboard): Promise<number> {
  const { environment, note, style } = session
  for (const ask of asks) {
    const { lines, whole } = await showAsk(session, ask, style)
    await writeLine(environment.stdout, `${lines.join('\n')}\n`)
    if (!isOpen(ask) || !whole) continue
    const key = await keyboard.key('Allow it? skip, yes or no?', ['s', 'y', 'n'])
    if (key === null) return EXIT.interrupted
    if (key !== 's') note(await answerAsk(session, ask, key === 'y'))
  }
  return EXIT.done
}
