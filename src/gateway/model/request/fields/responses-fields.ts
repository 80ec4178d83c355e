// OpenAI Responses, and servers that are compatible with it. Source: the types of the `openai` package
// (resources/responses) and https://platform.openai.com/docs/api-reference/responses/create
import { type FieldTable, outlives, plain, price, server, state } from './field-table.ts'
import { AUDIO_TIMES, SHARED } from './openai-fields.ts'

export const RESPONSES_FIELDS: FieldTable = new Map([
  ...SHARED,
  ...plain('input', 'instructions', 'max_output_tokens', 'max_tool_calls', 'text', 'truncation', 'include'),
  ...plain('context_management', 'image', 'access_programs'),
  // Of Codex, and of servers that are compatible: sampling only.
  ...plain('client_metadata', 'seed', 'top_k', 'min_p'),
  outlives('background', 'goes on after the connection has ended', [false]),
  state('previous_response_id', 'continues an answer that the provider keeps'),
  state('conversation', 'continues a conversation that the provider keeps'),
  state('prompt', 'takes a prompt that the provider keeps, and the model that it names'),
])

/** Items of `input`, by type. */
export const RESPONSES_ITEMS: FieldTable = new Map([
  ...plain('message', 'reasoning', 'function_call', 'function_call_output', 'custom_tool_call'),
  ...plain('custom_tool_call_output', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output'),
  ...plain('apply_patch_call', 'apply_patch_call_output', 'computer_call', 'computer_call_output'),
  ...plain('tool_search_call', 'tool_search_output', 'additional_tools', 'configuration_update'),
  ...plain('compaction', 'compaction_trigger', 'compaction_summary', 'context_compaction'),
  state('item_reference', 'takes an item that the provider keeps'),
])

/** Items of tools that the provider runs: they pass where the tool is listed under `server-tools`. */
export const ITEMS_OF_TOOLS: ReadonlyMap<string, string> = new Map([
  ['web_search_call', 'web_search'],
  ['file_search_call', 'file_search'],
  ['code_interpreter_call', 'code_interpreter'],
  ['image_generation_call', 'image_generation'],
  ['mcp_list_tools', 'mcp'],
  ['mcp_approval_request', 'mcp'],
  ['mcp_approval_response', 'mcp'],
  ['mcp_call', 'mcp'],
  ['program', 'programmatic_tool_calling'],
  ['program_output', 'programmatic_tool_calling'],
])

/** Parts of a message or of an output, by type. */
export const RESPONSES_PARTS: FieldTable = new Map([
  ...plain('input_text', 'output_text', 'text', 'refusal', 'input_image', 'input_file', 'computer_screenshot'),
  ...plain('summary_text', 'reasoning_text', 'encrypted_content'),
  price('input_audio', 'has audio in it, which costs more than text', { otherwise: AUDIO_TIMES }),
  server('input_video', 'makes the provider fetch a video'),
])
