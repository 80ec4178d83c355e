// Anthropic Messages. Source: the types of @anthropic-ai/sdk (beta/messages) and
// https://platform.claude.com/docs/en/api/messages
import { type FieldTable, plain, price, server, state } from './field-table.ts'

export const ANTHROPIC_FIELDS: FieldTable = new Map([
  ...plain('model', 'max_tokens', 'messages', 'system', 'stream', 'tools', 'tool_choice', 'stop_sequences'),
  ...plain('temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'output_format', 'cache_control'),
  // A name for abuse reports. Nobody reads it back.
  ...plain('metadata'),
  // Both are answered within the call; a compaction on the way is reserved (passesOf in check-anthropic.ts).
  ...plain('context_management', 'compaction'),
  // Says why a cache was missed. The id of another message can't be guessed, and none of its content comes back.
  ...plain('diagnostics'),
  price('speed', 'asks for fast answers, which cost several times as much', {
    plain: ['standard'],
    times: { fast: 6 },
  }),
  // `auto` takes capacity that was paid for before, which is not dearer.
  price('service_tier', 'chooses the service tier', { plain: ['auto', 'standard_only'] }),
  price('inference_geo', 'asks for inference in one country, which costs a tenth more', {
    plain: ['global'],
    times: { us: 1.1 },
    otherwise: 1.1,
  }),
  price('fallback_credit_token', 'settles the price of an earlier refusal'),
  price('billing_policy', 'chooses who is charged'),
  state('container', 'reuses a container that other requests filled'),
  state('thread', 'continues a conversation that the provider keeps'),
  state('workspace_id', 'chooses another workspace of the account'),
  state('user_profile_id', 'acts for a stored profile of a user'),
  server('mcp_servers', 'makes the provider ask other hosts'),
  server('fallbacks', 'makes the provider ask another model'),
])

/** Content blocks, by type. What came back from a tool of the provider is text that the client returns. */
export const ANTHROPIC_BLOCKS: FieldTable = new Map([
  ...plain('text', 'image', 'document', 'search_result', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result'),
  ...plain('server_tool_use', 'web_search_tool_result', 'web_fetch_tool_result', 'advisor_tool_result'),
  ...plain('code_execution_tool_result', 'bash_code_execution_tool_result', 'tool_search_tool_result'),
  ...plain('text_editor_code_execution_tool_result', 'mcp_tool_use', 'mcp_tool_result', 'mcp_tool_listing'),
  ...plain('tool_reference', 'tool_addition', 'tool_removal', 'compaction', 'fallback'),
  state('container_upload', 'puts a stored file into a container'),
])
