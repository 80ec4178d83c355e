// Anthropic Messages: which tools run where, and what would make the provider fetch or keep something.
import type { CheckedCall, Permitted } from './request-rules.ts'
import {
  bad,
  boundOf,
  checkParameters,
  checkSpelling,
  objectsOf,
  requiredModel,
  serverTool,
  shown,
  walkContent,
} from './request-rules.ts'
import type { JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

const PARAMETERS = new Set([
  ...['model', 'max_tokens', 'messages', 'system', 'stream', 'tools', 'tool_choice', 'stop_sequences', 'temperature'],
  ...['top_p', 'top_k', 'thinking', 'metadata', 'service_tier', 'cache_control', 'context_management', 'compaction'],
  ...['output_config', 'output_format', 'speed', 'diagnostics', 'inference_geo'],
])

/** Run by the client, whatever their version. */
const CLIENT_TOOLS = /^(custom|(bash|text_editor|computer|memory|browser_toolset|computer_toolset)_\d{8})$/
/** Content that came back from a tool of the provider carries addresses, which nobody asks again. */
const SOURCES = ['base64', 'text', 'content']

export function checkAnthropic(body: JsonObject, permitted: Permitted): CheckedCall {
  checkParameters(body, PARAMETERS, permitted)
  for (const tool of objectsOf(body['tools'], 'tools')) checkTool(tool, permitted)
  const visit = (value: JsonObject): readonly string[] => visitContent(value, permitted)
  walkContent(body['messages'], visit)
  walkContent(body['system'], visit)
  walkContent(body['context_management'], visit)
  return { model: requiredModel(body), maxOutput: boundOf(body, 'max_tokens') }
}

function checkTool(tool: JsonObject, permitted: Permitted): void {
  checkSpelling(tool, ['type', 'name'])
  const type = tool['type'] ?? 'custom'
  if (typeof type !== 'string') throw bad('The `type` of a tool must be a text.')
  if (!CLIENT_TOOLS.test(type) && !permitted(type)) throw serverTool(`The tool ${shown(type)} is not passed on`, type)
}

function visitContent(value: JsonObject, permitted: Permitted): readonly string[] {
  checkSpelling(value, ['type', 'source', 'file_id', 'tools', 'definition', 'url', 'input'])
  const { type, source, definition } = value
  if (Object.hasOwn(value, 'file_id') && !permitted('file_id'))
    throw serverTool('Files by id are not passed on', 'file_id')
  if (isObject(source)) checkSource(source, permitted)
  for (const tool of objectsOf(value['tools'], 'tools')) checkTool(tool, permitted)
  if (isObject(definition)) checkTool(definition, permitted)
  if (Object.hasOwn(value, 'model') && type !== 'message')
    throw serverTool('Another model inside of a request is not passed on', 'model')
  // What a tool was called with is data of the client's own making.
  const input = type === 'tool_use' || type === 'server_tool_use' || type === 'mcp_tool_use' ? ['input'] : []
  return ['tools', 'definition', ...input]
}

function checkSource(source: JsonObject, permitted: Permitted): void {
  checkSpelling(source, ['type'])
  const { type } = source
  if (typeof type === 'string' && SOURCES.includes(type)) return
  const name = type === 'file' ? 'file_id' : String(type)
  if (!permitted(name)) throw serverTool(`Content from ${shown(name)} is not passed on`, name)
}
