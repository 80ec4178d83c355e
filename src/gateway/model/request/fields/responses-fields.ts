// Fields of OpenAI Responses and of compatible servers. Source: the types of the `openai` package
// (resources/responses) and https://platform.openai.com/docs/api-reference/responses/create
import { type FieldTable, outlives, plain, price, server, state } from './field-table.ts'
import { AUDIO_COSTS, AUDIO_TIMES, SHARED } from './openai-fields.ts'

export const RESPONSES_FIELDS: FieldTable = new Map([
  ...SHARED,
  ...plain('input', 'instructions', 'max_output_tokens', 'max_tool_calls', 'text', 'truncation', 'include'),
  ...plain('context_management', 'image', 'access_programs'),
  // Fields of Codex and of compatible servers that only affect sampling.
  ...plain('client_metadata', 'seed', 'top_k', 'min_p'),
  outlives('background', 'the call would go on after the connection has ended', [false]),
  state('previous_response_id', 'the call would continue an answer that the provider keeps'),
  state('conversation', 'the call would continue a conversation that the provider keeps'),
  state('prompt', 'the call would use a prompt that the provider keeps, and the model that the prompt names'),
])

/** Items of `input` by type. */
export const RESPONSES_ITEMS: FieldTable = new Map([
  ...plain('message', 'reasoning', 'function_call', 'function_call_output', 'custom_tool_call'),
  ...plain('custom_tool_call_output', 'local_shell_call', 'local_shell_call_output', 'shell_call', 'shell_call_output'),
  ...plain('apply_patch_call', 'apply_patch_call_output', 'computer_call', 'computer_call_output'),
  ...plain('tool_search_call', 'tool_search_output', 'additional_tools', 'configuration_update'),
  ...plain('compaction', 'compaction_trigger', 'compaction_summary', 'context_compaction'),
  state('item_reference', 'the call would use an item that the provider keeps'),
])

/** From the type of an item to the tool of the provider that it belongs to. It passes if `server-tools` lists the tool. */
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

/** Parts of a message or of an output by type. */
export const RESPONSES_PARTS: FieldTable = new Map([
  ...plain('input_text', 'output_text', 'text', 'refusal', 'input_image', 'input_file', 'computer_screenshot'),
  ...plain('summary_text', 'reasoning_text', 'encrypted_content'),
  price('input_audio', AUDIO_COSTS, { otherwise: AUDIO_TIMES }),
  server('input_video', 'the provider would fetch a video'),
])
