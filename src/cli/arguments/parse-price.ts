import { InvalidArgumentError } from 'commander'
import type { Price } from '../../domain/connections/model-connection.ts'

const PRICE = /^(.+)=([\d.]+(?:\/[\d.]+){1,3})$/

/** `MODEL=IN/OUT[/CACHED[/WRITTEN]]`, collected over several options. */
export function collectPrice(text: string, prices: Record<string, Price> = {}): Record<string, Price> {
  const [, model = '', numbers = ''] = PRICE.exec(text) ?? []
  const [input, output, cached, written] = numbers.split('/').map(Number)
  if (model === '' || input === undefined || output === undefined || /[^\d./]|\d*\.\d*\./.test(numbers))
    throw new InvalidArgumentError('It is MODEL=IN/OUT, money for a million tokens, such as my-model=3/15.')
  const price = {
    input,
    output,
    ...(cached === undefined ? {} : { 'cached-input': cached }),
    ...(written === undefined ? {} : { 'cache-write': written }),
  }
  if (Object.values(price).some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError('A price is a number, such as 0.25.')
  return { ...prices, [model]: price }
}
