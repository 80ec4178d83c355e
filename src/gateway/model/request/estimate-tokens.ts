// Estimates the tokens of a call before it is sent, so that budgets can reserve them.
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** A token of text or code nearly always has at least three bytes. */
const BYTES_PER_TOKEN = 3
/** No provider counts an image as more tokens, however large its file is. */
const IMAGE_TOKENS = 10_000
/** Assumed length of an answer if the client sets no maximum. */
const ASSUMED_OUTPUT = 8192

export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN)
}

/** Counts the whole body, except for images, which are charged by their dimensions. */
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

/** Collects only data with an image type, since other data may be encoded text. */
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

/** Whether the client requests a cache for longer than five minutes, for which the price `cache-write` is too low. */
export function cachesForHour(value: Json): boolean {
  if (Array.isArray(value)) return value.some(cachesForHour)
  if (!isObject(value)) return false
  const control = value['cache_control']
  if (isObject(control) && (control['ttl'] ?? '5m') !== '5m') return true
  return Object.values(value).some(cachesForHour)
}
