// What a call is taken to need before anybody has counted: budgets are held against this before it is sent.
import type { Connection, Price } from '../../../domain/connection.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** A token of a language or of code is three bytes or more, nearly always. */
const BYTES_PER_TOKEN = 3
/** No provider counts a picture higher, however large its file. */
const IMAGE_TOKENS = 10_000
/** Where the client names no bound for the answer. */
const ASSUMED_OUTPUT = 8192

export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN)
}

/** The whole body counts, but for pictures inside of it, which are charged by what they show. */
export function estimateInput(body: JsonObject, bytes: number): number {
  const images: number[] = []
  collectImages(body, images)
  const text = bytes - images.reduce((sum, length) => sum + length, 0)
  return images.reduce((sum, length) => sum + Math.min(tokensOfBytes(length), IMAGE_TOKENS), tokensOfBytes(text))
}

export function outputBound(maxOutput: number | null): number {
  return maxOutput ?? ASSUMED_OUTPUT
}

const DATA_IMAGE = /^data:image\//i
const IMAGE_TYPE = /^image\//i

/** Only what says that it is a picture: other data may be text that was wrapped. */
function collectImages(value: Json | undefined, images: number[]): void {
  if (typeof value === 'string') {
    if (value.length > 1000 && DATA_IMAGE.test(value)) images.push(value.length)
  } else if (Array.isArray(value)) for (const item of value) collectImages(item, images)
  else if (isObject(value)) {
    const type = value['media_type'] ?? value['mimeType'] ?? value['mime_type']
    const { data } = value
    if (typeof type === 'string' && IMAGE_TYPE.test(type) && typeof data === 'string') images.push(data.length)
    else for (const item of Object.values(value)) collectImages(item, images)
  }
}

export interface TokenCounts {
  input: number
  output: number
  /** Parts of `input`. */
  cached: number
  cacheWrite: number
}

/** Millionths of the currency, rounded up; null where the model has no price. */
export function costMicros(counts: TokenCounts, price: Price | undefined): number | null {
  if (price === undefined) return null
  const plain = Math.max(counts.input - counts.cached - counts.cacheWrite, 0)
  const cost =
    plain * price.input +
    counts.output * price.output +
    counts.cached * (price['cached-input'] ?? price.input) +
    counts.cacheWrite * (price['cache-write'] ?? price.input)
  // A price is for a million tokens, and a unit is a million micros: the two cancel out.
  return Math.ceil(cost)
}

/** As if all input were put into a cache, where that is the dearest. */
export function costBound(input: number, output: number, price: Price | undefined): number | null {
  if (price === undefined) return null
  return Math.ceil(input * Math.max(price.input, price['cache-write'] ?? 0) + output * price.output)
}

export function priceOf({ prices }: Pick<Connection, 'prices'>, model: string): Price | undefined {
  return Object.hasOwn(prices, model) ? prices[model] : undefined
}
