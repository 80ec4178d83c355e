// What OpenAI's two APIs have in common.
import { plain, price, state, type FieldRule } from './field-table.ts'

/** Fast mode is two and a half times as dear with the dearest models; `ultrafast` has no published price. */
export const SERVICE_TIER: [string, FieldRule] = price('service_tier', 'chooses a dearer service tier', {
  plain: ['auto', 'default', 'flex', 'scale'],
  times: { priority: 2.5, fast: 2.5 },
})

export const STORE: [string, FieldRule] = state('store', 'keeps the answer at the provider', [false])

export const SHARED: readonly [string, FieldRule][] = [
  ...plain('model', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'temperature', 'top_p'),
  ...plain('top_logprobs', 'reasoning', 'moderation'),
  // Names for abuse reports and for the provider's cache. Nothing is read back by them.
  ...plain('metadata', 'user', 'safety_identifier'),
  ...plain('prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention'),
  SERVICE_TIER,
  STORE,
]

/** Of `reasoning`; also as OpenRouter and vLLM have it. */
export const REASONING_FIELDS = new Map([
  ...plain('effort', 'summary', 'generate_summary', 'context', 'max_tokens', 'exclude', 'enabled'),
  price('mode', 'has the model think several times over', { plain: ['standard'] }),
])

/** Audio costs up to sixteen times what text does. */
export const AUDIO_TIMES = 16
