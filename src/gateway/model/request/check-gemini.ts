// Checks a request of Gemini generateContent. Google parses JSON like protobuf: `google_search` and `googleSearch` are the
// same key.
import { server, state } from './fields/field-table.ts'
import { GEMINI_AUDIO, GEMINI_FIELDS, GEMINI_PARTS, GENERATION_FIELDS } from './fields/gemini-fields.ts'
import type { FieldTable } from './fields/field-table.ts'
import { foldKey } from './fold-key.ts'
import type { RequestRules, WireCall } from './request-rules.ts'
import { bad, boundOf, boundOfAll, countOf, objectsOf, refusedTool, shown, walkContent } from './request-rules.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** Tools that the client runs. */
const CLIENT_TOOLS = new Set(['functionDeclarations', 'computerUse'].map(foldKey))
/** Keys with the arguments and results of the client's own functions. */
const OPAQUE = ['args', 'response', 'partialArgs']
/** Fields that are checked at any depth below a content. */
const REFERENCES: FieldTable = new Map(
  [
    state('fileData', 'the call would use a file that the provider keeps or fetches'),
    state('fileUri', 'the call would use a file that the provider keeps or fetches'),
    server('toolCall', 'the provider would run a tool'),
  ].map(([name, rule]) => [foldKey(name), rule]),
)

export function checkGemini(body: JsonObject, model: string, rules: RequestRules): WireCall {
  const config = checkRequest(body, model, rules).get('generationconfig')
  if (config === undefined || config === null) return { model, maxOutput: null }
  if (!isObject(config)) throw bad('`generationConfig` must be an object.')
  const limits = checkFolded(config, GENERATION_FIELDS, rules, 'generationConfig')
  const each = countIn(limits, 'maxOutputTokens', boundOf)
  return { model, maxOutput: boundOfAll(each, countIn(limits, 'candidateCount')) }
}

/** `countTokens` accepts contents alone or a whole request. */
export function checkGeminiCount(body: JsonObject, model: string, rules: RequestRules): WireCall {
  const nested = Object.keys(body).find((key) => foldKey(key) === 'generatecontentrequest')
  if (nested === undefined) return { ...checkGemini(body, model, rules), maxOutput: 0 }
  const request = body[nested]
  if (Object.keys(body).length > 1 || !isObject(request))
    throw bad('`generateContentRequest` must be an object and the only field.')
  checkGemini(request, model, rules)
  return { model, maxOutput: 0 }
}

function checkRequest(body: JsonObject, model: string, rules: RequestRules): ReadonlyMap<string, Json> {
  const fields = checkFolded(body, GEMINI_FIELDS, rules, 'the request')
  const named = fields.get('model')
  if (named !== undefined && named !== model && named !== `models/${model}`)
    throw bad('`model` in the body differs from the model in the path: use the same one.')
  for (const tool of objectsOf(fields.get('tools'), 'tools')) checkTool(tool, rules)
  for (const name of ['contents', 'systeminstruction']) {
    for (const content of contentsOf(fields.get(name))) checkParts(content, rules)
    walkContent(fields.get(name), (value) => visitContent(value, rules))
  }
  return fields
}

function checkTool(tool: JsonObject, rules: RequestRules): void {
  for (const key of Object.keys(tool))
    if (!CLIENT_TOOLS.has(foldKey(key)) && !rules.permitsTool(key)) throw refusedTool(key)
}

/** Contents may be a list or a single object. */
function contentsOf(value: Json | undefined): JsonObject[] {
  if (isObject(value)) return [value]
  return Array.isArray(value) ? value.filter(isObject) : []
}

function checkParts(content: JsonObject, rules: RequestRules): void {
  const parts = foldedFields(content, 'a content').get('parts')
  for (const part of contentsOf(parts)) checkFolded(part, GEMINI_PARTS, rules, 'a part')
}

function checkData(data: JsonObject, rules: RequestRules): void {
  const type = foldedFields(data, 'a part').get('mimetype')
  if (typeof type === 'string' && /^\s*audio\//i.test(type)) rules.apply(GEMINI_AUDIO[0], GEMINI_AUDIO[1], 'audio')
}

function visitContent(value: JsonObject, rules: RequestRules): readonly string[] {
  const data = foldedFields(value, 'a part').get('inlinedata')
  if (isObject(data)) checkData(data, rules)
  for (const key of Object.keys(value)) {
    const rule = REFERENCES.get(foldKey(key))
    if (rule !== undefined) rules.apply(key, rule)
  }
  return OPAQUE.filter((key) => Object.hasOwn(value, key))
}

function checkFolded(
  value: JsonObject,
  table: FieldTable,
  rules: RequestRules,
  where: string,
): ReadonlyMap<string, Json> {
  for (const [key, item] of Object.entries(value)) rules.apply(key, table.get(foldKey(key)), item)
  return foldedFields(value, where)
}

/** Refuses two spellings of one key, since Google would use only one of the two values. */
function foldedFields(value: JsonObject, where: string): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>()
  for (const [key, item] of Object.entries(value)) {
    if (fields.has(foldKey(key))) throw bad(`The key ${shown(key)} occurs twice in ${where}: send it once.`)
    fields.set(foldKey(key), item)
  }
  return fields
}

function countIn(fields: ReadonlyMap<string, Json>, name: string, read = countOf): number | null {
  return read({ [name]: fields.get(foldKey(name)) ?? null }, name)
}
