// What a call is taken to need before anybody has counted: budgets are held against this before it is sent.
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

/** Whether the client asks for a cache that lives longer than the five minutes that `cache-write` is the price of. */
export function cachesForHour(value: Json): boolean {
  if (Array.isArray(value)) return value.some(cachesForHour)
  if (!isObject(value)) return false
  const control = value['cache_control']
  if (isObject(control) && (control['ttl'] ?? '5m') !== '5m') return true
  return Object.values(value).some(cachesForHour)
}
