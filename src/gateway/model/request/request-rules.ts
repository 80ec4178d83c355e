// What the request checks of all wires share: names of keys, tools that a provider runs itself, and what it would fetch
// or keep on the client's behalf. Whatever is not known is refused, so that a feature that a provider adds tomorrow is
// not open to a sandbox until somebody looked at it. Attacker-controlled.
import { ModelRequestError } from './model-request-error.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** What the checks know of a call when they are through. */
export interface CheckedCall {
  model: string
  /** Upper bound of the answer in tokens, over all its candidates; null where the client named none. */
  maxOutput: number | null
}

/** Names that the connection's `server-tools` permit. */
export type Permitted = (name: string) => boolean

/**
 * Readers differ in how they match keys: Go's ignores case (and takes U+017F and U+212A for s and k), protobuf's takes
 * `camelCase` and `snake_case` alike.
 */
export function foldKey(key: string): string {
  return key.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k').replaceAll(/[_-]/g, '')
}

export function permits(listed: readonly string[]): Permitted {
  const folded = new Set(listed.map(foldKey))
  return (name) => folded.has(foldKey(name))
}

/** Parameters that are not in `known` may be ways around the model and tool checks (`fallbacks`, `plugins`, ...). */
export function checkParameters(body: JsonObject, known: ReadonlySet<string>, permitted: Permitted): void {
  for (const key of Object.keys(body)) {
    if (known.has(key) || permitted(key)) continue
    throw serverTool(`The parameter ${shown(key)} is not passed on`, key)
  }
}

/** A key that some reader takes for one of `names`, but that is written otherwise. */
export function checkSpelling(value: JsonObject, names: readonly string[]): void {
  for (const key of Object.keys(value)) {
    const meant = names.includes(key) ? undefined : names.find((name) => foldKey(name) === foldKey(key))
    if (meant !== undefined) throw bad(`The key ${shown(key)} must be written ${shown(meant)}.`)
  }
}

export function requiredModel(body: JsonObject): string {
  const { model } = body
  if (typeof model !== 'string' || model === '') throw bad('`model` must be the id of a model.')
  return model
}

/** No answer is longer, and what is reserved for one stays a number that the record takes. In tokens. */
const MAX_COUNT = 1e9

/** A whole number that a reader could not take for another one; null where it is absent. */
export function countOf(body: JsonObject, name: string): number | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > MAX_COUNT)
    throw bad(`\`${name}\` must be a whole number up to ${MAX_COUNT}.`)
  return value
}

/** The most that an answer may be. 0 is none: readers of protobuf take it for absent, and so do some servers. */
export function boundOf(body: JsonObject, name: string): number | null {
  const bound = countOf(body, name)
  return bound === 0 ? null : bound
}

/** Of all candidates together. */
export function boundOfAll(each: number | null, candidates: number | null): number | null {
  return each === null ? null : Math.min(each * Math.max(candidates ?? 1, 1), MAX_COUNT)
}

/** Absent, null, or a list of objects. */
export function objectsOf(value: Json | undefined, name: string): JsonObject[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isObject)) throw bad(`\`${name}\` must be a list of objects.`)
  return value
}

/**
 * Every object below `value` but what is the client's own data: `visit` names the keys not to descend into. The walk
 * needs no bound of its own, as the JSON is bounded.
 */
export function walkContent(value: Json | undefined, visit: (object: JsonObject) => readonly string[]): void {
  if (Array.isArray(value)) for (const item of value) walkContent(item, visit)
  else if (isObject(value)) {
    const opaque = visit(value)
    for (const [key, item] of Object.entries(value)) if (!opaque.includes(key)) walkContent(item, visit)
  }
}

/** `data:` is content; anything else is an address that the provider would ask. */
export function isInlineData(url: string): boolean {
  return /^data:/i.test(url)
}

export function serverTool(what: string, name: string): ModelRequestError {
  const cure = `An operator can list ${shown(name)} under \`server-tools\` of the connection.`
  return new ModelRequestError('server-tool', `${what}: the provider could act on its own. ${cure}`)
}

export function bad(message: string): ModelRequestError {
  return new ModelRequestError('request', message)
}

/** Of a name that the client chose. */
export function shown(name: string): string {
  return `\`${name.slice(0, 100)}\``
}
