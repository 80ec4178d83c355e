// Fields of Anthropic Messages. Source: the types of @anthropic-ai/sdk (beta/messages) and
// https://platform.claude.com/docs/en/api/messages
import { type FieldTable, plain, price, server, state } from './field-table.ts'

export const ANTHROPIC_FIELDS: FieldTable = new Map([
  ...plain('model', 'max_tokens', 'messages', 'system', 'stream', 'tools', 'tool_choice', 'stop_sequences'),
  ...plain('temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'output_format', 'cache_control'),
  // A name for abuse reports. No request can read it back.
  ...plain('metadata'),
  // Both take effect within the call. A compaction is reserved as a second pass (passesOf in check-anthropic.ts).
  ...plain('context_management', 'compaction'),
  // Asks why a cache was missed. The id of another message can't be guessed, and the answer contains none of its content.
  ...plain('diagnostics'),
  price('speed', 'fast answers would cost several times as much', {
    plain: ['standard'],
    times: { fast: 6 },
  }),
  // `auto` uses prepaid capacity, which costs no more.
  price('service_tier', 'another service tier could cost more', { plain: ['auto', 'standard_only'] }),
  price('inference_geo', 'inference in one country would cost a tenth more', {
    plain: ['global'],
    times: { us: 1.1 },
    otherwise: 1.1,
  }),
  price('fallback_credit_token', 'it would settle the price of an earlier refusal'),
  price('billing_policy', 'it would choose who is charged'),
  state('container', 'the call would reuse a container that other requests filled'),
  state('thread', 'the call would continue a conversation that the provider keeps'),
  state('workspace_id', 'the call would use another workspace of the account'),
  state('user_profile_id', 'the call would use a stored profile of a user'),
  server('mcp_servers', 'the provider would send requests to other hosts'),
  server('fallbacks', 'the provider would call another model'),
])

/** Content blocks by type. The result of a tool of the provider is harmless: it is only text that the client returns. */
export const ANTHROPIC_BLOCKS: FieldTable = new Map([
  ...plain('text', 'image', 'document', 'search_result', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result'),
  ...plain('server_tool_use', 'web_search_tool_result', 'web_fetch_tool_result', 'advisor_tool_result'),
  ...plain('code_execution_tool_result', 'bash_code_execution_tool_result', 'tool_search_tool_result'),
  ...plain('text_editor_code_execution_tool_result', 'mcp_tool_use', 'mcp_tool_result', 'mcp_tool_listing'),
  ...plain('tool_reference', 'tool_addition', 'tool_removal', 'compaction', 'fallback'),
  state('container_upload', 'the provider would put a stored file into a container'),
])
