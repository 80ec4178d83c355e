// What the request checks of all wires share: names of keys, fields and tools that are not plain, and what a provider
// would fetch or keep on the client's behalf. Whatever is not known is refused, so that a feature that a provider adds
// tomorrow is not open to a sandbox until somebody looked at it. Attacker-controlled.
import type { ModelConnection } from '../../../domain/connections/model-connection.ts'
import type { FieldUse } from '../../../domain/model-field.ts'
import type { FieldRule, FieldTable } from './fields/field-table.ts'
import { foldKey } from './fold-key.ts'
import { ModelRequestError } from './model-request-error.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** What the checks of one wire know of a call when they are through. */
export interface WireCall {
  model: string
  /** Upper bound of the answer in tokens, over all its candidates; null where the client named none. */
  maxOutput: number | null
  /** How often the provider may read the input and write an answer of this length. */
  passes?: number
}

/** What one connection permits beyond plain requests, and what one request made of it. */
export interface RequestRules {
  /** Whether `server-tools` lists the type. */
  permitsTool(type: string): boolean
  /** Whether `fields` lists the field, by its name or with its value, such as `store=true`. */
  permitsField(name: string, label: string): boolean
  /**
   * Throws ModelRequestError unless the rule, or the value, is plain, or the connection permits it. Without a rule the
   * field is unknown; without a value its name says all.
   */
  apply(name: string, rule: FieldRule | undefined, value?: Json): void
  readonly used: readonly FieldUse[]
  /** How many times the model's price each used field costs, by `FieldUse.field`. */
  readonly times: ReadonlyMap<string, number>
}

export type Permissions = Pick<ModelConnection, 'server-tools' | 'fields'>

/** More are not worth a line on the record: a request has a handful of fields. */
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
      throw bad(`The request has over ${MAX_USED} fields that need a permit.`)
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

/** `service_tier=priority`, `store=true`; the name alone where the value is the client's own, such as an id. */
function labelOf(name: string, value: Json | undefined, rule: FieldRule | undefined): string {
  const word = rule?.effect === 'price' && typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)
  return word || typeof value === 'boolean' ? `${name}=${value}` : name
}

function refusedField(name: string, label: string, rule: FieldRule | undefined): ModelRequestError {
  const why = rule === undefined ? 'is not known here' : rule.does
  const cure = `An operator can list ${shown(label)} under \`fields\` of the connection.`
  return new ModelRequestError('field', `The field ${shown(name)} is not passed on: it ${why}. ${cure}`)
}

/** Fields that are in no table may be ways around the model and tool checks (`fallbacks`, `plugins`, ...). */
export function checkFields(body: JsonObject, table: FieldTable, rules: RequestRules): void {
  for (const [name, value] of Object.entries(body)) rules.apply(name, table.get(name), value)
}

/** The `type` of each object in a list, such as the parts of a message; a text has none. Returns the objects. */
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

/** Which of two counts holds differs among servers. */
export function maxOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
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

export function refusedTool(type: string): ModelRequestError {
  const cure = `An operator can list ${shown(type)} under \`server-tools\` of the connection.`
  const what = `The tool ${shown(type)} is not passed on: the provider could act on its own. ${cure}`
  return new ModelRequestError('server-tool', what)
}

export function bad(message: string): ModelRequestError {
  return new ModelRequestError('request', message)
}

/** Of a name that the client chose. */
export function shown(name: string): string {
  return `\`${name.slice(0, 100)}\``
}
