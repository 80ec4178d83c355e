// Parses JSON that all parsers read alike. Providers use many languages: some use the first of two equal keys, some the
// last, and some replace broken UTF-8. The checks must see what the provider sees, so input that parsers could read
// differently is refused. Attacker-controlled.
import { ModelRequestError } from './model-request-error.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

/** No client nests deeper, and parsers of providers may differ on deeper documents. */
const MAX_DEPTH = 128
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Returns an object in which `__proto__` is an ordinary key. Throws ModelRequestError. */
export function parseStrictJson(bytes: Uint8Array): JsonObject {
  const text = decode(bytes)
  const value = parse(text)
  if (!isObject(value)) throw bad('The body must be a JSON object.')
  checkKeys(text)
  return value
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function decode(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes)
  } catch {
    throw bad('The body is not valid UTF-8.')
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw bad('The body is not valid JSON.')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COLON = 0x3a

/** `text` is already known to be valid JSON, so this only finds the keys of each object. */
function checkKeys(text: string): void {
  const open: (Set<string> | null)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      const keys = open.at(-1)
      if (keys && isKey(text, end + 1)) addKey(keys, text.slice(at, end + 1))
      at = end
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (open.length >= MAX_DEPTH) throw bad(`The body is nested deeper than ${MAX_DEPTH}.`)
      open.push(code === OPEN_OBJECT ? new Set() : null)
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) open.pop()
  }
}

function endOfString(text: string, start: number): number {
  for (let from = start + 1; ;) {
    const end = text.indexOf('"', from)
    if (text.charCodeAt(end - 1) !== BACKSLASH) return end
    let slashes = 1
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1
    if (slashes % 2 === 0) return end
    from = end + 1
  }
}

function isKey(text: string, from: number): boolean {
  for (let at = from; ; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return code === COLON
  }
}

function addKey(keys: Set<string>, quoted: string): void {
  const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  // A parser that replaces half a surrogate pair would merge two keys.
  if (!key.isWellFormed()) throw bad('A key is not valid Unicode.')
  if (keys.has(key)) throw bad(`The key ${JSON.stringify(key.slice(0, 100))} occurs twice: send it once.`)
  keys.add(key)
}

function bad(message: string): ModelRequestError {
  return new ModelRequestError('request', message)
}
