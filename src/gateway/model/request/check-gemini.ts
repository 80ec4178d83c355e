// Gemini generateContent. Google reads JSON as protobuf does: `google_search` and `googleSearch` are one key.
import type { CheckedCall, Permitted } from './request-rules.ts'
import {
  bad,
  boundOf,
  boundOfAll,
  countOf,
  foldKey,
  objectsOf,
  serverTool,
  shown,
  walkContent,
} from './request-rules.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

const PARAMETERS = new Set(
  ['contents', 'tools', 'toolConfig', 'safetySettings', 'systemInstruction', 'generationConfig', 'model'].map(foldKey),
)
const MORE = new Set(['labels', 'serviceTier', 'store'].map(foldKey))
/** Run by the client. */
const CLIENT_TOOLS = new Set(['functionDeclarations', 'computerUse'].map(foldKey))
/** What the client's own functions took and gave. */
const OPAQUE = ['args', 'response', 'partialArgs']

export function checkGemini(body: JsonObject, model: string, permitted: Permitted): CheckedCall {
  const fields = checkRequest(body, model, permitted)
  const config = fields.get('generationconfig')
  if (config === undefined || config === null) return { model, maxOutput: null }
  if (!isObject(config)) throw bad('`generationConfig` must be an object.')
  const limits = foldedFields(config, 'generationConfig')
  // Elsewhere at Google a configuration may choose the model.
  const routing = Object.keys(config).find((key) => /model|routing/.test(foldKey(key)))
  if (routing !== undefined && !permitted(routing))
    throw serverTool(`The parameter ${shown(routing)} is not passed on`, routing)
  const each = countIn(limits, 'maxOutputTokens', boundOf)
  return { model, maxOutput: boundOfAll(each, countIn(limits, 'candidateCount')) }
}

/** `countTokens` takes contents alone, or a whole request. */
export function checkGeminiCount(body: JsonObject, model: string, permitted: Permitted): CheckedCall {
  const nested = Object.keys(body).find((key) => foldKey(key) === 'generatecontentrequest')
  if (nested === undefined) return { ...checkGemini(body, model, permitted), maxOutput: 0 }
  const request = body[nested]
  if (Object.keys(body).length > 1 || !isObject(request))
    throw bad('`generateContentRequest` must be an object, alone.')
  checkRequest(request, model, permitted)
  return { model, maxOutput: 0 }
}

function checkRequest(body: JsonObject, model: string, permitted: Permitted): ReadonlyMap<string, Json> {
  for (const key of Object.keys(body))
    if (!PARAMETERS.has(foldKey(key)) && !MORE.has(foldKey(key)) && !permitted(key))
      throw serverTool(`The parameter ${shown(key)} is not passed on`, key)
  const fields = foldedFields(body, 'the request')
  const named = fields.get('model')
  if (named !== undefined && named !== model && named !== `models/${model}`)
    throw bad('`model` in the body is another than that of the path.')
  for (const tool of objectsOf(fields.get('tools'), 'tools')) checkTool(tool, permitted)
  for (const name of ['contents', 'systeminstruction']) {
    walkContent(fields.get(name), (value) => visitContent(value, permitted))
  }
  return fields
}

function checkTool(tool: JsonObject, permitted: Permitted): void {
  for (const key of Object.keys(tool))
    if (!CLIENT_TOOLS.has(foldKey(key)) && !permitted(key))
      throw serverTool(`The tool ${shown(key)} is not passed on`, key)
}

function visitContent(value: JsonObject, permitted: Permitted): readonly string[] {
  foldedFields(value, 'a part')
  for (const key of Object.keys(value)) {
    const reference = ['filedata', 'fileuri', 'toolcall'].includes(foldKey(key))
    if (reference && !permitted(key)) throw serverTool(`Content by ${shown(key)} is not passed on`, key)
  }
  return OPAQUE.filter((key) => Object.hasOwn(value, key))
}

/** Two spellings of one key are two keys of which one counts. */
function foldedFields(value: JsonObject, where: string): ReadonlyMap<string, Json> {
  const fields = new Map<string, Json>()
  for (const [key, item] of Object.entries(value)) {
    if (fields.has(foldKey(key))) throw bad(`The key ${shown(key)} is in ${where} twice.`)
    fields.set(foldKey(key), item)
  }
  return fields
}

function countIn(fields: ReadonlyMap<string, Json>, name: string, read = countOf): number | null {
  return read({ [name]: fields.get(foldKey(name)) ?? null }, name)
}
