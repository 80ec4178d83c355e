// What calls cost: by what was counted, and the most that one may cost before anybody has counted.
import type { ModelConnection, Price } from '../../../domain/connections/model-connection.ts'
import { own } from '../../../domain/own.ts'

export interface TokenCounts {
  input: number
  output: number
  /** Parts of `input`. */
  cached: number
  cacheWrite: number
  /** Part of `cacheWrite` that lives for an hour. */
  cacheWriteHour: number
}

/** How many times the model's price a call costs. */
export type Factor = number

/** Providers charge twice the input for a cache of an hour, and one and a quarter for one of five minutes. */
const HOUR_TIMES = 2

/** Millionths of the currency, rounded up; null where the model has no price. */
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

/** As if all input were put into the dearest cache that the client asks for, where that is the dearest. */
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
 * Of fields that make an answer dearer, by `name=value` or name, with what is published for each; the price of the model
 * may say otherwise. Of one field the dearest value counts, such as the tier that was asked for and the one that answered.
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
