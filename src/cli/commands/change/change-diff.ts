// glovebox change diff
import type { Command } from 'commander'
import { addAction, type Registry } from '../../add-command.ts'
import { diffPainter } from '../../print/diff-line.ts'
import { type PagerOptions, withPager } from '../../session/pager.ts'
import { type Session, withSession } from '../../session/session.ts'
import { write, writeBytes } from '../../text/write.ts'

export function registerChangeDiff(registry: Registry, command: Command): void {
  addAction<[string], PagerOptions>(registry, command, ([change], options) =>
    withPager(registry.environment, options, (environment) =>
      withSession(environment, options, async (session) => {
        await writeDiff(session, (await session.client.readDiff({ params: { change } })).bytes)
        return 0
      }),
    ),
  ).option('--no-pager', 'print to the terminal itself, without a pager')
}

/** Coloured and escaped on a terminal, unchanged bytes elsewhere. */
export async function writeDiff({ environment, style }: Session, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdout } = environment
  const paint = diffPainter(style)
  if (stdout.isTTY !== true) await writeBytes(stdout, bytes)
  else for await (const line of linesOf(bytes)) await write(stdout, `${paint(line)}\n`)
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
