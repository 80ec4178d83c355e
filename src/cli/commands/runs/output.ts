// glovebox output
import { addCommand, type Registry } from '../../add-command.ts'
import { UsageError } from '../../cli-error.ts'
import type { Client } from '../../../contract/client.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'
import { readAll, writeBytes } from '../../text/write.ts'

const MAX_JSON_BYTES = 64 * 1024 * 1024

interface Options extends CommonOptions {
  stderr?: boolean
}

export function registerOutput(registry: Registry): void {
  addCommand<[string, string], Options>(registry, {
    parent: registry.program,
    usage: 'output <run> <step>',
    summary: 'print what a step wrote; <step> is its number, from 0, or its name',
    action: ([run, step], options) =>
      withSession(registry.environment, options, async ({ client, environment, json, print }) => {
        const index = await stepIndex(client, run, step)
        const stream = options.stderr ? 'stderr' : 'stdout'
        const { bytes } = await client.readOutput({ params: { run, step: index }, query: { stream } })
        if (!json) await writeBytes(environment.stdout, bytes)
        else {
          const { bytes: read, whole } = await readAll(bytes, MAX_JSON_BYTES)
          await print({ step: index, stream, whole, base64: Buffer.from(read).toString('base64') }, () => '')
        }
        return 0
      }),
  }).option('--stderr', 'its standard error instead of its standard output')
}

async function stepIndex(client: Client, run: string, step: string): Promise<number> {
  if (/^\d{1,9}$/.test(step)) return Number(step)
  for await (const event of await client.readEvents({ params: { run }, query: { kind: ['step.started'] } })) {
    if (event.kind === 'step.started' && event.body.name === step) return event.body.step
  }
  throw new UsageError(`The run has no step "${step}"; \`glovebox runs show\` lists them`)
}
