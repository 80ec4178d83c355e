// Fields of OpenAI Chat Completions and of compatible servers. Sources: the types of the `openai` package
// (resources/chat/completions), https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html,
// https://openrouter.ai/docs/api-reference/parameters
import { type FieldTable, plain, price, server, state } from './field-table.ts'
import { AUDIO_COSTS, AUDIO_TIMES, SHARED } from './openai-fields.ts'

const DECODER = "it would pass instructions to the server's decoder"

export const CHAT_FIELDS: FieldTable = new Map([
  ...SHARED,
  // `n`, `best_of` and `prediction` are reserved at their maximum cost (check-openai.ts).
  ...plain('messages', 'max_tokens', 'max_completion_tokens', 'n', 'stop', 'seed', 'logprobs', 'logit_bias'),
  ...plain('presence_penalty', 'frequency_penalty', 'response_format', 'functions', 'function_call'),
  ...plain('reasoning_effort', 'verbosity', 'prediction', 'best_of'),
  // Fields of compatible servers that only affect sampling and thinking.
  ...plain('top_k', 'min_p', 'repetition_penalty', 'length_penalty', 'min_tokens', 'ignore_eos'),
  ...plain('skip_special_tokens', 'enable_thinking', 'thinking', 'include_reasoning'),
  price('modalities', AUDIO_COSTS, { plain: [['text']], otherwise: AUDIO_TIMES }),
  price('audio', AUDIO_COSTS, { otherwise: AUDIO_TIMES }),
  server('web_search_options', 'the provider would search the web'),
  server('chat_template_kwargs', "it would set variables of the server's chat template, even the template itself"),
  server('chat_template', "it would replace the server's chat template"),
  server('documents', "it would pass documents to the server's chat template"),
  server('extra_body', 'it would pass instructions to the server'),
  server('mm_processor_kwargs', "it would pass instructions to the server's image processor"),
  server('structured_outputs', DECODER),
  server('guided_json', DECODER),
  server('guided_regex', DECODER),
  server('guided_choice', DECODER),
  server('guided_grammar', DECODER),
  server('logits_processors', 'the server would run code that the field names'),
  server('kv_transfer_params', 'the server would send requests to another server'),
  server('models', 'a router would call another model'),
  server('route', 'a router would call another model'),
  server('provider', 'a router would choose another provider'),
  server('plugins', 'a router would search or fetch'),
  server('api_base', 'a router would send the request to another host'),
])

/** Variables of chat templates that control whether and how long a model thinks. */
export const TEMPLATE_VARIABLES: FieldTable = new Map(
  plain('enable_thinking', 'thinking', 'thinking_budget', 'reasoning_effort', 'preserve_thinking', 'clear_thinking'),
)

/** Parts of a message by type. The addresses in them are checked separately. */
export const CHAT_PARTS: FieldTable = new Map([
  ...plain('text', 'refusal', 'image_url', 'file', 'video_url', 'input_text', 'output_text', 'input_image'),
  ...plain('thinking', 'redacted_thinking', 'reasoning', 'tool_result'),
  price('input_audio', AUDIO_COSTS, { otherwise: AUDIO_TIMES }),
  price('audio_url', AUDIO_COSTS, { otherwise: AUDIO_TIMES }),
])

/** The field `audio` of a message: the id of an earlier audio answer. */
export const CHAT_MESSAGE_AUDIO = state('audio', 'the call would use an answer that the provider keeps')
