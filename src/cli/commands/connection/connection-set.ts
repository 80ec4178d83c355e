// glovebox connection set
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Price, ProviderKind } from '../../../domain/connections/model-connection.ts'
import { addAction, type Registry } from '../../add-command.ts'
import { collectPrice } from '../../arguments/parse-price.ts'
import { connectionText } from '../../print/connections/print-connection.ts'
import { type CommonOptions, withSession } from '../../session/session.ts'

interface Options extends CommonOptions {
  provider: ProviderKind
  url: string
  model: string[]
  price?: Record<string, Price>
  currency?: string
  serverTool?: string[]
  field?: string[]
  /** false: `--no-key`. */
  key: boolean
}

export function registerConnectionSet(registry: Registry, command: Command): void {
  addAction<[string], Options>(registry, command, ([name], options) =>
    withSession(registry.environment, { ...options, makesFolder: true }, async ({ client, print, style }) => {
      const connection = await client.setConnection({ params: { connection: name }, body: bodyOf(options) })
      await print(connection, () => connectionText(connection, style))
      return 0
    }),
  )
    .addOption(
      new Option('--provider <kind>', 'API of the provider').choices(ProviderKind.options).makeOptionMandatory(),
    )
    .requiredOption('--url <url>', 'base URL, such as https://api.openai.com/v1')
    .requiredOption('--model <id>', 'a model that runs may use (repeatable); the first is the default', collect)
    .option('--price <model=in/out>', 'price per million tokens, optionally /cached/written (repeatable)', collectPrice)
    .option('--currency <code>', 'currency of the prices (default: USD)', parseCurrency)
    .option('--server-tool <type>', 'a tool that the provider may run itself (repeatable)', collect)
    .option(
      '--field <name>',
      'permit a request field that is refused by default, such as background or service_tier=priority (repeatable)',
      collect,
    )
    .option('--no-key', 'the provider needs no key')
}

function bodyOf({ provider, url, model, price, currency, serverTool, field, key }: Options) {
  return {
    kind: 'model' as const,
    provider,
    url,
    models: model,
    credential: key ? ({ from: 'stored' } as const) : ({ from: 'none' } as const),
    ...(price === undefined ? {} : { prices: price }),
    ...(currency === undefined ? {} : { currency }),
    ...(serverTool === undefined ? {} : { 'server-tools': serverTool }),
    ...(field === undefined ? {} : { fields: field }),
  }
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function parseCurrency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('A currency has three letters, such as USD.')
  return text
}
