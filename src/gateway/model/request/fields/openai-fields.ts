// Fields that OpenAI's two APIs have in common.
import { plain, price, state, type FieldRule } from './field-table.ts'

/** Fast mode costs up to two and a half times the price; `ultrafast` has no published price. */
export const SERVICE_TIER: [string, FieldRule] = price('service_tier', 'another service tier would cost more', {
  plain: ['auto', 'default', 'flex', 'scale'],
  times: { priority: 2.5, fast: 2.5 },
})

export const STORE: [string, FieldRule] = state('store', 'the provider would keep the answer', [false])

export const SHARED: readonly [string, FieldRule][] = [
  ...plain('model', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature', 'top_p'),
  ...plain('top_logprobs', 'reasoning', 'moderation'),
  // Names for abuse reports and for the provider's cache. No request can read anything back by them.
  ...plain('metadata', 'user', 'safety_identifier'),
  ...plain('prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'),
  SERVICE_TIER,
  STORE,
]

/** Fields of `reasoning`, with those of OpenRouter and vLLM. */
export const REASONING_FIELDS = new Map([
  ...plain('effort', 'summary', 'generate_summary', 'context', 'max_tokens', 'exclude', 'enabled'),
  price('mode', 'the model would think several times over', { plain: ['standard'] }),
])

/** Audio costs up to sixteen times as much as text. */
export const AUDIO_TIMES = 16
export const AUDIO_COSTS = 'audio would cost more than text'
