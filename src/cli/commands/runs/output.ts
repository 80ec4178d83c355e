// glovebox output
import type { Command } from 'commander'
import { formatBytes } from '../../../domain/format-bytes.ts'
import { suggestion } from '../../../domain/nearest-word.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import type { Client } from '../../../contract/client.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'
import type { EventBody, EventKind } from '../../../domain/event.ts'
import { readAll, writeBytes, writeLine } from '../../text/write.ts'

const MAX_JSON_BYTES = 64 * 1024 * 1024

interface Options extends CommonOptions {
  stderr?: boolean
}

export function registerOutput(registry: Registry, command: Command): void {
  addAction<[string, string], Options>(registry, command, ([run, step], options) =>
    withSession(registry.environment, options, async ({ client, environment, json, print }) => {
      const { index, finished } = await findStep(client, run, step)
      const stream = options.stderr ? 'stderr' : 'stdout'
      const cut = finished?.[`${stream}Cut`] ?? null
      const read = async (part: 'all' | 'head' | 'tail') =>
        (await client.readOutput({ params: { run, step: index }, query: { stream, part } })).bytes
      if (!json) {
        await writeBytes(environment.stdout, await read('all'))
        if (cut !== null)
          await writeLine(
            environment.stderr,
            `glovebox: ${formatBytes(cut.omitted)} were not kept; a line in the output marks the place`,
          )
        return 0
      }
      const head = await readAll(await read('head'), MAX_JSON_BYTES)
      const whole = head.whole && cut === null
      const base = { step: index, stream, whole, base64: base64Of(head.bytes) }
      await print(cut === null ? base : { ...base, omitted: cut.omitted, tail: await tailOf(read) }, () => '')
      return 0
    }),
  ).option('--stderr', 'print standard error instead of standard output')
}

async function tailOf(read: (part: 'tail') => Promise<AsyncIterable<Uint8Array>>): Promise<string> {
  return base64Of((await readAll(await read('tail'), MAX_JSON_BYTES)).bytes)
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

interface FoundStep {
  index: number
  /** End of the step; null while it runs. */
  finished: EventBody<'step.finished'> | null
}

async function findStep(client: Client, run: string, step: string): Promise<FoundStep> {
  let index = /^\d{1,9}$/.test(step) ? Number(step) : null
  const query = { kind: ['step.started', 'step.finished'] as EventKind[] }
  const names: string[] = []
  for await (const event of await client.readEvents({ params: { run }, query })) {
    if (event.kind === 'step.started') names.push(event.body.name)
    if (event.kind === 'step.started' && event.body.name === step) index ??= event.body.step
    if (event.kind === 'step.finished' && event.body.step === index) return { index, finished: event.body }
  }
  if (index !== null) return { index, finished: null }
  throw new UsageError(`The run has no step "${step}"`, suggestion(step, names))
}
