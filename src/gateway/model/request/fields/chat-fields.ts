// OpenAI Chat Completions, and servers that are compatible with it. Sources: the types of the `openai` package
// (resources/chat/completions), https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
// https://openrouter.ai/docs/api-reference/parameters
import { type FieldTable, plain, price, server, state } from './field-table.ts'
import { AUDIO_TIMES, SHARED } from './openai-fields.ts'

export const CHAT_FIELDS: FieldTable = new Map([
  ...SHARED,
  // `n`, `best_of` and `prediction` are reserved as what they can cost (check-openai.ts).
  ...plain('messages', 'max_tokens', 'max_completion_tokens', 'n', 'stop', 'seed', 'logprobs', 'logit_bias'),
  ...plain('presence_penalty', 'frequency_penalty', 'response_format', 'functions', 'function_call'),
  ...plain('reasoning_effort', 'verbosity', 'prediction', 'best_of'),
  // Of servers that are compatible: sampling and thinking only.
  ...plain('top_k', 'min_p', 'repetition_penalty', 'length_penalty', 'min_tokens', 'ignore_eos'),
  ...plain('skip_special_tokens', 'enable_thinking', 'thinking', 'include_reasoning'),
  price('modalities', 'has audio in it, which costs more than text', { plain: [['text']], otherwise: AUDIO_TIMES }),
  price('audio', 'has audio in it, which costs more than text', { otherwise: AUDIO_TIMES }),
  server('web_search_options', 'makes the provider search'),
  server('chat_template_kwargs', "gives the server's chat template variables, among them another template"),
  server('chat_template', "replaces the server's chat template"),
  server('documents', "gives the server's chat template documents"),
  server('extra_body', 'instructs the server'),
  server('mm_processor_kwargs', "instructs the server's image processor"),
  server('structured_outputs', "instructs the server's decoder"),
  server('guided_json', "instructs the server's decoder"),
  server('guided_regex', "instructs the server's decoder"),
  server('guided_choice', "instructs the server's decoder"),
  server('guided_grammar', "instructs the server's decoder"),
  server('logits_processors', 'names code of the server'),
  server('kv_transfer_params', 'has the server ask another one'),
  server('models', 'makes a router ask another model'),
  server('route', 'makes a router ask another model'),
  server('provider', 'tells a router whom to ask'),
  server('plugins', 'makes a router search or fetch'),
  server('api_base', 'makes a router ask another host'),
])

/** Variables of chat templates that say whether and how long a model thinks. */
export const TEMPLATE_VARIABLES: FieldTable = new Map(
  plain('enable_thinking', 'thinking', 'thinking_budget', 'reasoning_effort', 'preserve_thinking', 'clear_thinking'),
)

/** Parts of a message, by type. Addresses in them are looked at apart. */
export const CHAT_PARTS: FieldTable = new Map([
  ...plain('text', 'refusal', 'image_url', 'file', 'video_url', 'input_text', 'output_text', 'input_image'),
  ...plain('thinking', 'redacted_thinking', 'reasoning', 'tool_result'),
  price('input_audio', 'has audio in it, which costs more than text', { otherwise: AUDIO_TIMES }),
  price('audio_url', 'has audio in it, which costs more than text', { otherwise: AUDIO_TIMES }),
])

/** Of messages: the id of an earlier answer in audio. */
export const CHAT_MESSAGE_AUDIO = state('audio', 'takes an answer that the provider keeps')
