// Rules that the request checks of all APIs share: which fields and tools need a permit, and how keys must be written. What
// is unknown is refused, so that a sandbox cannot use a feature that a provider adds tomorrow until somebody has reviewed
// it. Requests are attacker-controlled.
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { FieldUse } from '../../../domain/model-field.ts'
import type { FieldRule, FieldTable } from './fields/field-table.ts'
import { foldKey } from './fold-key.ts'
import { ModelRequestError } from './model-request-error.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** The result of the checks of one API. */
export interface WireCall {
  model: string
  /** Maximum length of the answer in tokens, over all candidates; null if the client set no maximum. */
  maxOutput: number | null
  /** How many times the provider may read the input and write an answer of this length. */
  passes?: number
}

/** What a connection permits beyond plain requests, and which permits one request used. */
export interface RequestRules {
  /** Whether `server-tools` lists the type. */
  permitsTool(type: string): boolean
  /** Whether `fields` lists the field, by its name or with its value, such as `store=true`. */
  permitsField(name: string, label: string): boolean
  /**
   * Throws ModelRequestError unless the rule or the value is plain, or the connection permits the field. A field without a
   * rule is unknown. Without a value, the name alone decides.
   */
  apply(name: string, rule: FieldRule | undefined, value?: Json): void
  readonly used: readonly FieldUse[]
  /** From `FieldUse.field` to the factor on the model's price. */
  readonly times: ReadonlyMap<string, number>
}

export type Permissions = Pick<ModelConnection, 'server-tools' | 'fields'>

/** Limit on the fields in the event; a real request has only a few. */
const MAX_USED = 50

export function createRules({ 'server-tools': tools, fields }: Permissions): RequestRules {
  const permittedTools = new Set(tools.map(foldKey))
  const permittedFields = new Set(fields.map(foldKey))
  const used = new Map<string, FieldUse>()
  const times = new Map<string, number>()

  function permitsField(name: string, label: string): boolean {
    return permittedFields.has(foldKey(name)) || permittedFields.has(foldKey(label))
  }

  function apply(name: string, rule: FieldRule | undefined, value?: Json): void {
    if (rule !== undefined && (rule.effect === 'plain' || isPlain(rule, value))) return
    const label = labelOf(name, value, rule).slice(0, 200)
    if (!permitsField(name, label)) throw refusedField(name, label, rule)
    if (used.size >= MAX_USED && !used.has(label))
      throw bad(`The request has more than ${MAX_USED} fields that need a permit: send fewer.`)
    used.set(label, { field: label.toWellFormed(), effect: rule?.effect ?? 'unknown' })
    if (rule?.effect === 'price') times.set(label, rule.times.get(String(value)) ?? rule.otherwise)
  }

  return {
    permitsTool: (type) => permittedTools.has(foldKey(type)),
    permitsField,
    apply,
    get used() {
      return [...used.values()]
    },
    times,
  }
}

function isPlain(rule: FieldRule, value: Json | undefined): boolean {
  return value === null || rule.plain.some((one) => JSON.stringify(one) === JSON.stringify(value))
}

/** For example `service_tier=priority` or `store=true`; only the name if the client chose the value, such as an id. */
function labelOf(name: string, value: Json | undefined, rule: FieldRule | undefined): string {
  const word = rule?.effect === 'price' && typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)
  return word || typeof value === 'boolean' ? `${name}=${value}` : name
}

function refusedField(name: string, label: string, rule: FieldRule | undefined): ModelRequestError {
  const why = rule === undefined ? 'its effect is unknown' : rule.does
  const cure = `To permit it, an operator adds ${shown(label)} to \`fields\` of the connection.`
  return new ModelRequestError('field', `The gateway refuses the field ${shown(name)}: ${why}. ${cure}`)
}

/** Checks all fields. Unknown fields could bypass the checks of models and tools (`fallbacks`, `plugins`, ...). */
export function checkFields(body: JsonObject, table: FieldTable, rules: RequestRules): void {
  for (const [name, value] of Object.entries(body)) rules.apply(name, table.get(name), value)
}

/** Checks the `type` of each object in a list, such as the parts of a message. Ignores a text. Returns the objects. */
export function checkTypes(value: Json | undefined, table: FieldTable, rules: RequestRules): JsonObject[] {
  if (!Array.isArray(value)) return []
  const parts = value.filter(isObject)
  for (const part of parts) {
    checkSpelling(part, ['type'])
    const { type } = part
    if (type === undefined || type === null) continue
    if (typeof type !== 'string') throw bad('The `type` of a part must be a text.')
    rules.apply(type, table.get(type))
  }
  return parts
}

/** Refuses a key that some JSON parsers treat as one of `names` although its spelling differs. */
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

/** In tokens. No answer is longer, and a reservation up to this size fits into an event. */
const MAX_COUNT = 1e9

/** A whole number that all JSON parsers read alike; null if the field is missing. */
export function countOf(body: JsonObject, name: string): number | null {
  const value = body[name]
  if (value === undefined || value === null) return null
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > MAX_COUNT)
    throw bad(`\`${name}\` must be a whole number up to ${MAX_COUNT}.`)
  return value
}

/** The maximum length of an answer. 0 means no maximum, since protobuf parsers and some servers treat it as missing. */
export function boundOf(body: JsonObject, name: string): number | null {
  const bound = countOf(body, name)
  return bound === 0 ? null : bound
}

/** The maximum length of all candidates together. */
export function boundOfAll(each: number | null, candidates: number | null): number | null {
  return each === null ? null : Math.min(each * Math.max(candidates ?? 1, 1), MAX_COUNT)
}

/** Servers differ in which of two counts they use, so the larger one counts. */
export function maxOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

/** Requires a list of objects; a missing field or null counts as an empty list. */
export function objectsOf(value: Json | undefined, name: string): JsonObject[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || !value.every(isObject)) throw bad(`\`${name}\` must be a list of objects.`)
  return value
}

/**
 * Visits every object below `value`. `visit` returns the keys with the client's own data, which are skipped. The recursion
 * is bounded by the depth limit of the JSON.
 */
export function walkContent(value: Json | undefined, visit: (object: JsonObject) => readonly string[]): void {
  if (Array.isArray(value)) for (const item of value) walkContent(item, visit)
  else if (isObject(value)) {
    const opaque = visit(value)
    for (const [key, item] of Object.entries(value)) if (!opaque.includes(key)) walkContent(item, visit)
  }
}

/** Whether the URL is inline content (`data:`); the provider would fetch any other URL. */
export function isInlineData(url: string): boolean {
  return /^data:/i.test(url)
}

export function refusedTool(type: string): ModelRequestError {
  const cure = `To permit it, an operator adds ${shown(type)} to \`server-tools\` of the connection.`
  const what = `The gateway refuses the tool ${shown(type)}: the provider would run it. ${cure}`
  return new ModelRequestError('server-tool', what)
}

export function bad(message: string): ModelRequestError {
  return new ModelRequestError('request', message)
}

/** Quotes a name that the client chose, cut to a bounded length. */
export function shown(name: string): string {
  return `\`${name.slice(0, 100)}\``
}
