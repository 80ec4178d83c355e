// Connects to one model by its wire API. Each SDK expects the version path in its base URL.
import { createAnthropic } from '@ai-sdk/anthropic'
import type { AnthropicLanguageModelOptions } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import type { OpenAILanguageModelResponsesOptions } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel, streamText } from 'ai'
import type { Settings } from './settings.ts'

/** The options of `streamText` for the model. */
interface ConnectedModel {
  model: Exclude<LanguageModel, string>
  providerOptions?: NonNullable<Parameters<typeof streamText>[0]['providerOptions']>
  /** Set for wire APIs that require it; the SDK lowers it for models with a lower maximum. */
  maxOutputTokens?: number
}

export function connectModel(
  { wire, url, model, key: apiKey }: Settings,
  fetch: typeof globalThis.fetch,
): ConnectedModel {
  switch (wire) {
    case 'anthropic':
      return {
        model: createAnthropic({ baseURL: `${url}/v1`, apiKey, fetch })(model),
        // The SDK gives unknown models 4096 tokens, too few to write a file.
        maxOutputTokens: 32_000,
        // Every request sends the whole history again; cached input costs a tenth of the price.
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } satisfies AnthropicLanguageModelOptions },
      }
    case 'openai-responses':
      return {
        model: createOpenAI({ baseURL: `${url}/v1`, apiKey, fetch }).responses(model),
        // The provider must not store content of a private repository; the whole history is sent instead.
        providerOptions: { openai: { store: false } satisfies OpenAILanguageModelResponsesOptions },
      }
    case 'openai-chat':
      // Not OpenAI's own SDK: this one also works with compatible servers (vLLM, Ollama, LiteLLM).
      return {
        model: createOpenAICompatible({
          name: 'connection',
          baseURL: `${url}/v1`,
          apiKey,
          fetch,
          includeUsage: true,
        }).chatModel(model),
      }
    case 'gemini':
      return { model: createGoogle({ baseURL: `${url}/v1beta`, apiKey, fetch })(model) }
  }
}
