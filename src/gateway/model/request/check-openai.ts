// Checks a request of OpenAI Responses or Chat Completions, and of compatible servers.
import { CHAT_FIELDS, CHAT_MESSAGE_AUDIO, CHAT_PARTS, TEMPLATE_VARIABLES } from './fields/chat-fields.ts'
import { type FieldTable, server, state } from './fields/field-table.ts'
import { REASONING_FIELDS } from './fields/openai-fields.ts'
import { ITEMS_OF_TOOLS, RESPONSES_FIELDS, RESPONSES_ITEMS, RESPONSES_PARTS } from './fields/responses-fields.ts'
import { foldKey } from './fold-key.ts'
import { tokensOfBytes } from './estimate-tokens.ts'
import type { RequestRules, WireCall } from './request-rules.ts'
import {
  bad,
  boundOf,
  boundOfAll,
  checkFields,
  checkSpelling,
  checkTypes,
  countOf,
  isInlineData,
  maxOf,
  objectsOf,
  refusedTool,
  requiredModel,
  walkContent,
} from './request-rules.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** Tools that the client runs. `shell`, `tool_search` and `namespace` are checked by their content. */
const CLIENT_TOOLS = ['function', 'custom', 'local_shell', 'apply_patch']

const [, KEPT_ITEM] = state('item_reference', 'the call would use an item that the provider keeps')

export function checkResponses(body: JsonObject, rules: RequestRules): WireCall {
  checkFields(body, RESPONSES_FIELDS, rules)
  checkReasoning(body['reasoning'], rules)
  checkTools(body['tools'], rules)
  for (const item of itemsOf(body['input'])) checkItem(item, rules)
  walkContent(body['input'], (value) => visitContent(value, rules))
  // A compaction reads the input a second time.
  const passes = objectsOf(body['context_management'], 'context_management').length > 0 ? 2 : 1
  return { model: requiredModel(body), maxOutput: boundOf(body, 'max_output_tokens'), passes }
}

function itemsOf(input: Json | undefined): JsonObject[] {
  if (input === undefined || input === null || typeof input === 'string') return []
  if (!Array.isArray(input)) throw bad('`input` must be a text or a list of items.')
  return objectsOf(input, 'input')
}

function checkItem(item: JsonObject, rules: RequestRules): void {
  checkSpelling(item, ['type', 'role', 'id', 'encrypted_content', 'result', 'content', 'output', 'reasoning'])
  const type = item['type'] ?? (typeof item['role'] === 'string' ? 'message' : 'item_reference')
  if (typeof type !== 'string') throw bad('The `type` of an item must be a text.')
  const tool = ITEMS_OF_TOOLS.get(type)
  if (tool === undefined) rules.apply(type, RESPONSES_ITEMS.get(type))
  else if (!rules.permitsTool(tool)) throw refusedTool(tool)
  if (isEmptyOfKept(type, item)) rules.apply('item_reference', KEPT_ITEM)
  checkReasoning(item['reasoning'], rules)
  for (const list of ['content', 'output', 'summary']) checkTypes(item[list], RESPONSES_PARTS, rules)
}

/** Whether an item has an id but no content, so that the provider would use the content that it keeps. */
function isEmptyOfKept(type: string, { id, encrypted_content: sealed, content, result }: JsonObject): boolean {
  if (typeof id !== 'string') return false
  if (type === 'reasoning') return !sealed && !(Array.isArray(content) && content.length > 0)
  return type === 'image_generation_call' && !result
}

export function checkChat(body: JsonObject, rules: RequestRules): WireCall {
  const { chat_template_kwargs: template, ...rest } = body
  checkFields(isHarmless(template) ? rest : body, CHAT_FIELDS, rules)
  checkReasoning(body['reasoning'], rules)
  checkTools(body['tools'], rules)
  for (const message of objectsOf(body['messages'], 'messages')) checkMessage(message, rules)
  walkContent(body['messages'], (value) => visitContent(value, rules))
  const each = maxOf(boundOf(body, 'max_completion_tokens'), boundOf(body, 'max_tokens'))
  const answers = boundOfAll(each, maxOf(countOf(body, 'n'), countOf(body, 'best_of')))
  // Rejected tokens of a prediction are charged like output.
  const predicted = body['prediction'] ? tokensOfBytes(Buffer.byteLength(JSON.stringify(body['prediction']))) : 0
  return { model: requiredModel(body), maxOutput: answers === null ? null : answers + predicted }
}

function checkMessage(message: JsonObject, rules: RequestRules): void {
  checkSpelling(message, ['content', 'audio'])
  checkTypes(message['content'], CHAT_PARTS, rules)
  if (Object.hasOwn(message, 'audio')) rules.apply(...CHAT_MESSAGE_AUDIO, message['audio'] ?? null)
}

/** Whether all variables are known and have simple values. */
function isHarmless(template: Json | undefined): boolean {
  if (template === undefined || template === null) return true
  if (!isObject(template)) return false
  return Object.entries(template).every(
    ([name, value]) => TEMPLATE_VARIABLES.has(name) && !isObject(value) && !Array.isArray(value),
  )
}

function checkReasoning(reasoning: Json | undefined, rules: RequestRules): void {
  if (isObject(reasoning)) checkFields(reasoning, REASONING_FIELDS, rules)
}

function checkTools(tools: Json | undefined, rules: RequestRules): void {
  for (const tool of objectsOf(tools, 'tools')) checkTool(tool, rules)
}

function checkTool(tool: JsonObject, rules: RequestRules): void {
  checkSpelling(tool, ['type', 'environment', 'execution', 'tools'])
  const { type, environment } = tool
  if (typeof type !== 'string') throw bad('The `type` of a tool must be a text.')
  if (CLIENT_TOOLS.includes(type) || rules.permitsTool(type)) return
  if (type === 'namespace') return checkTools(tool['tools'], rules)
  if (type === 'tool_search' && tool['execution'] === 'client') return
  if (type === 'shell' && isObject(environment)) {
    checkSpelling(environment, ['type'])
    if (environment['type'] === 'local') return
  }
  throw refusedTool(type)
}

/** Fields that refer to uploaded data, or to services that the provider runs. */
const REFERENCES: FieldTable = new Map(
  [
    ...['file_id', 'file_ids'].map((name) => state(name, 'the call would use a file that the provider keeps')),
    state('container_id', 'the call would reuse a container that other requests filled'),
    state('vector_store_ids', 'the provider would search files that it keeps'),
    ...['connector_id', 'server_label'].map((name) => server(name, 'the provider would send requests to other hosts')),
  ].map(([name, rule]) => [foldKey(name), rule]),
)

function visitContent(value: JsonObject, rules: RequestRules): readonly string[] {
  checkSpelling(value, ['type', 'tools', 'environment'])
  const { type, environment } = value
  const ofMcp = typeof type === 'string' && ITEMS_OF_TOOLS.get(type) === 'mcp'
  for (const [key, item] of Object.entries(value))
    if (!(ofMcp && key === 'server_label')) checkReference(key, item, rules)
  if (isObject(environment) && environment['type'] !== 'local' && !rules.permitsTool('shell'))
    throw refusedTool('shell')
  // The list of an MCP server's tools is data that the client returns.
  if (type === 'mcp_list_tools' && rules.permitsTool('mcp')) return ['tools']
  checkTools(value['tools'], rules)
  return type === 'tool_search_call' ? ['tools', 'arguments'] : ['tools']
}

function checkReference(key: string, item: Json, rules: RequestRules): void {
  const folded = foldKey(key)
  const rule = REFERENCES.get(folded)
  if (item === null) return
  if (rule !== undefined) return rules.apply(key, rule)
  // `image_url`, `file_url`, `video_url`, ...: a text, or an object with `url`. A field called `url` alone is a citation.
  if (!/.ur[il]$/.test(folded)) return
  if (isObject(item)) checkSpelling(item, ['url'])
  const url = isObject(item) ? item['url'] : item
  if (typeof url !== 'string' || !isInlineData(url)) rules.apply(...server(key, 'the provider would fetch an address'))
}
