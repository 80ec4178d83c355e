// OpenAI Responses and Chat Completions, and what is compatible with them.
import type { CheckedCall, Permitted } from './request-rules.ts'
import {
  bad,
  boundOf,
  boundOfAll,
  checkParameters,
  checkSpelling,
  countOf,
  foldKey,
  isInlineData,
  objectsOf,
  requiredModel,
  serverTool,
  shown,
  walkContent,
} from './request-rules.ts'
import type { Json, JsonObject } from './strict-json.ts'
import { isObject } from './strict-json.ts'

const SHARED = [
  ...['model', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature', 'top_p'],
  ...['top_logprobs', 'metadata', 'store', 'user', 'service_tier', 'safety_identifier', 'moderation'],
  ...['prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'],
]
const RESPONSES = new Set([
  ...SHARED,
  ...['input', 'instructions', 'max_output_tokens', 'max_tool_calls', 'reasoning', 'text', 'truncation', 'include'],
  ...['previous_response_id', 'conversation', 'background', 'context_management', 'image', 'access_programs'],
  // Of servers that are compatible: sampling only.
  ...['client_metadata', 'seed', 'top_k', 'min_p'],
])
const CHAT = new Set([
  ...SHARED,
  ...['messages', 'max_tokens', 'max_completion_tokens', 'n', 'stop', 'seed', 'logprobs', 'logit_bias', 'prediction'],
  ...['presence_penalty', 'frequency_penalty', 'response_format', 'functions', 'function_call', 'reasoning_effort'],
  ...['verbosity', 'modalities', 'audio', 'reasoning'],
  // Of servers that are compatible: sampling and thinking only.
  ...['top_k', 'min_p', 'repetition_penalty', 'length_penalty', 'min_tokens', 'ignore_eos', 'skip_special_tokens'],
  ...['enable_thinking', 'thinking', 'chat_template_kwargs'],
])

/** Run by the client. `shell`, `tool_search` and `namespace` depend on what they say. */
const CLIENT_TOOLS = ['function', 'custom', 'local_shell', 'apply_patch']

export function checkResponses(body: JsonObject, permitted: Permitted): CheckedCall {
  checkParameters(body, RESPONSES, permitted)
  checkTools(body['tools'], permitted)
  walkContent(body['input'], (value) => visitContent(value, permitted))
  return { model: requiredModel(body), maxOutput: boundOf(body, 'max_output_tokens') }
}

export function checkChat(body: JsonObject, permitted: Permitted): CheckedCall {
  checkParameters(body, CHAT, permitted)
  checkTools(body['tools'], permitted)
  walkContent(body['messages'], (value) => visitContent(value, permitted))
  const each = maxOf(boundOf(body, 'max_completion_tokens'), boundOf(body, 'max_tokens'))
  return { model: requiredModel(body), maxOutput: boundOfAll(each, countOf(body, 'n')) }
}

/** Which of the two counts differs among servers. */
function maxOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

function checkTools(tools: Json | undefined, permitted: Permitted): void {
  for (const tool of objectsOf(tools, 'tools')) checkTool(tool, permitted)
}

function checkTool(tool: JsonObject, permitted: Permitted): void {
  checkSpelling(tool, ['type', 'environment', 'execution', 'tools'])
  const { type, environment } = tool
  if (typeof type !== 'string') throw bad('The `type` of a tool must be a text.')
  if (CLIENT_TOOLS.includes(type) || permitted(type)) return
  if (type === 'namespace') return checkTools(tool['tools'], permitted)
  if (type === 'tool_search' && tool['execution'] === 'client') return
  if (type === 'shell' && isObject(environment)) {
    checkSpelling(environment, ['type'])
    if (environment['type'] === 'local') return
  }
  throw serverTool(`The tool ${shown(type)} is not passed on`, type)
}

/** By these a provider would take what was once uploaded, or reach for something that it runs itself. */
const REFERENCES = ['file_id', 'file_ids', 'container_id', 'vector_store_ids', 'connector_id', 'server_label']

function visitContent(value: JsonObject, permitted: Permitted): readonly string[] {
  checkSpelling(value, ['type', 'tools', 'environment'])
  for (const [key, item] of Object.entries(value)) checkReference(key, item, permitted)
  const { type, environment } = value
  if (isObject(environment) && environment['type'] !== 'local' && !permitted('shell'))
    throw serverTool('A shell of the provider is not passed on', 'shell')
  // A list of an MCP server's tools is what came back from it once.
  if (type === 'mcp_list_tools' && permitted('mcp')) return ['tools']
  checkTools(value['tools'], permitted)
  return type === 'tool_search_call' ? ['tools', 'arguments'] : ['tools']
}

function checkReference(key: string, item: Json, permitted: Permitted): void {
  const folded = foldKey(key)
  if (item === null || permitted(key)) return
  if (REFERENCES.some((name) => foldKey(name) === folded))
    throw serverTool(`Content by ${shown(key)} is not passed on`, key)
  // `image_url`, `file_url`, `video_url`, ...: a text, or an object with `url`. A `url` alone is a quotation.
  if (!/.ur[il]$/.test(folded)) return
  if (isObject(item)) checkSpelling(item, ['url'])
  const url = isObject(item) ? item['url'] : item
  if (typeof url !== 'string' || !isInlineData(url)) throw serverTool(`Content by ${shown(key)} is not passed on`, key)
}
