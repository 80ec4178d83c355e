// Prints a model connection.
import type { ModelConnectionInfo } from '../../../contract/connections.ts'
import type { Price } from '../../../domain/connections/model-connection.ts'
import { formatText } from '../../arguments/command-line.ts'
import type { PrintedKind } from './printed-kind.ts'

export const printedModel: PrintedKind<ModelConnectionInfo> = {
  summary: ({ provider, models }) => [provider, formatText(models.join(', '), 200)],
  rows({ provider, url, models, prices, currency, 'server-tools': tools, fields }) {
    return [
      ['Provider', provider],
      ['URL', formatText(url)],
      ['Models', list(models)],
      ...Object.entries(prices).map(([model, price]) => [
        'Price',
        `${formatText(model)}: ${priceText(price, currency)}`,
      ]),
      ['Server tools', list(tools)],
      ['Fields', list(fields)],
    ]
  },
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.map((text) => formatText(text)).join(', ')
}

function priceText(price: Price, currency: string): string {
  const parts = [`${price.input} in`, `${price.output} out`]
  if (price['cached-input'] !== undefined) parts.push(`${price['cached-input']} cached`)
  if (price['cache-write'] !== undefined) parts.push(`${price['cache-write']} written to the cache`)
  if (price['cache-write-1h'] !== undefined) parts.push(`${price['cache-write-1h']} written for an hour`)
  const times = Object.entries(price.times ?? {}).map(
    ([field, factor]) => `, ${factor} times with ${formatText(field)}`,
  )
  return `${parts.join(', ')} ${currency} per million tokens${times.join('')}`
}
