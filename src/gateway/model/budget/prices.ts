// Computes the cost of a call from its token counts, and the maximum cost of a call before it is counted.
import type { ModelConnection, Price } from '../../../domain/connections/model-connection.ts'
import { own } from '../../../domain/own.ts'

export interface TokenCounts {
  input: number
  output: number
  /** Part of `input`, like `cacheWrite`. */
  cached: number
  cacheWrite: number
  /** Part of `cacheWrite` that is cached for an hour. */
  cacheWriteHour: number
}

/** Factor on the model's price. */
export type Factor = number

/** Providers charge 2 times the price of input for a cache of an hour, and 1.25 times for one of five minutes. */
const HOUR_TIMES = 2

/** The cost in millionths of the currency, rounded up; null if the model has no price. */
export function costMicros(counts: TokenCounts, price: Price | undefined, factor: Factor = 1): number | null {
  if (price === undefined) return null
  const plain = Math.max(counts.input - counts.cached - counts.cacheWrite, 0)
  const cost =
    plain * price.input +
    counts.output * price.output +
    counts.cached * (price['cached-input'] ?? price.input) +
    (counts.cacheWrite - counts.cacheWriteHour) * (price['cache-write'] ?? price.input) +
    counts.cacheWriteHour * hourPrice(price)
  // A price is for a million tokens, and a unit is a million micros: the two cancel out.
  return Math.ceil(cost * factor)
}

/** The maximum cost: all input is charged at the highest price, including that of the cache that the client requests. */
export function costBound(
  { input, output, cachedForHour }: { input: number; output: number; cachedForHour: boolean },
  price: Price | undefined,
  factor: Factor,
): number | null {
  if (price === undefined) return null
  const perInput = Math.max(price.input, price['cache-write'] ?? 0, cachedForHour ? hourPrice(price) : 0)
  return Math.ceil((input * perInput + output * price.output) * factor)
}

export function priceOf({ prices }: Pick<ModelConnection, 'prices'>, model: string): Price | undefined {
  return own(prices, model)
}

/**
 * The factor for the fields that raise the price. `times`: pairs of `name=value` or name and the published factor; the price
 * of the model can override it. If a field has several values, such as the requested tier and the tier that answered, the
 * highest factor counts.
 */
export function factorOf(times: Iterable<readonly [string, number]>, price: Price | undefined): Factor {
  const given = price?.times ?? {}
  const dearest = new Map<string, number>()
  for (const [label, published] of times) {
    const [name = label] = label.split('=')
    const factor = own(given, label) ?? own(given, name) ?? published
    dearest.set(name, Math.max(dearest.get(name) ?? 0, factor))
  }
  return [...dearest.values()].reduce((product, factor) => product * factor, 1)
}

function hourPrice(price: Price): number {
  return price['cache-write-1h'] ?? Math.max(price.input * HOUR_TIMES, price['cache-write'] ?? 0)
}
