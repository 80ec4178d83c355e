// Checks a request of Anthropic Messages: its fields, its tools, and content that the provider would fetch or keep.
import { ANTHROPIC_BLOCKS, ANTHROPIC_FIELDS } from './fields/anthropic-fields.ts'
import { server, state } from './fields/field-table.ts'
import type { RequestRules, WireCall } from './request-rules.ts'
import {
  bad,
  boundOf,
  checkFields,
  checkSpelling,
  checkTypes,
  objectsOf,
  refusedTool,
  requiredModel,
  walkContent,
} from './request-rules.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

/** Tools that the client runs, in any version. */
const CLIENT_TOOLS = /^(custom|(bash|text_editor|computer|memory|browser_toolset|computer_toolset)_\d{8})$/
/** Harmless kinds of sources. Results of a provider's tool also contain addresses, but the provider does not fetch them. */
const SOURCES = ['base64', 'text', 'content']

const [, FILE] = state('file_id', 'the call would use a file that the provider keeps')
const [, ADDRESS] = server('url', 'the provider would fetch an address')
const [, MODEL] = server('model', 'the provider would call another model')

export function checkAnthropic(body: JsonObject, rules: RequestRules): WireCall {
  checkFields(body, ANTHROPIC_FIELDS, rules)
  for (const tool of objectsOf(body['tools'], 'tools')) checkTool(tool, rules)
  for (const message of messagesOf(body['messages'])) checkBlocks(message['content'], rules)
  checkBlocks(body['system'], rules)
  const visit = (value: JsonObject): readonly string[] => visitContent(value, rules)
  walkContent(body['messages'], visit)
  walkContent(body['system'], visit)
  walkContent(body['context_management'], visit)
  walkContent(body['compaction'], visit)
  return { model: requiredModel(body), maxOutput: boundOf(body, 'max_tokens'), passes: passesOf(body) }
}

function messagesOf(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** Checks the content of a message, and the content inside its blocks. */
function checkBlocks(content: Json | undefined, rules: RequestRules): void {
  for (const block of checkTypes(content, ANTHROPIC_BLOCKS, rules)) {
    checkBlocks(block['type'] === 'tool_result' ? block['content'] : undefined, rules)
    const { source } = block
    if (isObject(source)) checkBlocks(source['content'], rules)
  }
}

/** A compaction reads the whole input again, and the counts of the answer do not include its output. */
function passesOf({ context_management: management }: JsonObject): number {
  const edits = isObject(management) && Array.isArray(management['edits']) ? management['edits'].filter(isObject) : []
  return edits.every(({ type }) => typeof type === 'string' && type.startsWith('clear_')) ? 1 : 2
}

function checkTool(tool: JsonObject, rules: RequestRules): void {
  checkSpelling(tool, ['type', 'name'])
  const type = tool['type'] ?? 'custom'
  if (typeof type !== 'string') throw bad('The `type` of a tool must be a text.')
  if (!CLIENT_TOOLS.test(type) && !rules.permitsTool(type)) throw refusedTool(type)
}

function visitContent(value: JsonObject, rules: RequestRules): readonly string[] {
  checkSpelling(value, ['type', 'source', 'file_id', 'tools', 'definition', 'url', 'input'])
  const { type, source, definition } = value
  if (Object.hasOwn(value, 'file_id')) rules.apply('file_id', FILE)
  if (isObject(source)) checkSource(source, rules)
  for (const tool of objectsOf(value['tools'], 'tools')) checkTool(tool, rules)
  if (isObject(definition)) checkTool(definition, rules)
  if (Object.hasOwn(value, 'model') && type !== 'message') rules.apply('model', MODEL)
  // The input of a tool call is the client's own data.
  const input = type === 'tool_use' || type === 'server_tool_use' || type === 'mcp_tool_use' ? ['input'] : []
  return ['tools', 'definition', ...input]
}

function checkSource(source: JsonObject, rules: RequestRules): void {
  checkSpelling(source, ['type'])
  const { type } = source
  if (typeof type === 'string' && SOURCES.includes(type)) return
  if (type === 'file') rules.apply('file_id', FILE)
  else rules.apply(String(type), type === 'url' ? ADDRESS : undefined)
}
