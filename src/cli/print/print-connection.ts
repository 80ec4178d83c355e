// A model connection for a person.
import type { ConnectionInfo } from '../../contract/connections.ts'
import type { Price } from '../../domain/connection.ts'
import { formatText } from '../arguments/command-line.ts'
import type { Style } from '../text/style.ts'
import { alignColumns } from '../text/table.ts'

const UNENCRYPTED = 'without TLS, whoever is on the way can read what is asked, and the key; an https URL mends it'

export function connectionText(connection: ConnectionInfo, style: Style): string {
  const { name, provider, url, models, prices, currency, credential, unencrypted, origin } = connection
  const tools = connection['server-tools']
  const rows = [
    ['Connection', formatText(name)],
    ['Provider', provider],
    ['URL', formatText(url)],
    ['Models', models.map((model) => formatText(model)).join(', ')],
    ...Object.entries(prices).map(([model, price]) => ['Price', `${formatText(model)}: ${priceText(price, currency)}`]),
    ['Server tools', tools.length === 0 ? 'none' : tools.map((tool) => formatText(tool)).join(', ')],
    ['Key', formatText(credential)],
    ...(unencrypted ? [['Careful', style.warn(UNENCRYPTED)]] : []),
    ['Set in', origin === 'file' ? 'glovebox.yaml' : 'the API'],
  ]
  return `${alignColumns(rows).join('\n')}\n`
}

function priceText(price: Price, currency: string): string {
  const parts = [`${price.input} in`, `${price.output} out`]
  if (price['cached-input'] !== undefined) parts.push(`${price['cached-input']} cached`)
  if (price['cache-write'] !== undefined) parts.push(`${price['cache-write']} written to the cache`)
  return `${parts.join(', ')} ${currency} for a million tokens`
}
