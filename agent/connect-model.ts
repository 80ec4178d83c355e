// One model of one connection, by the wire API that it speaks. Each SDK expects the version path in its base URL.
import { createAnthropic } from '@ai-sdk/anthropic'
import type { AnthropicLanguageModelOptions } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import type { OpenAILanguageModelResponsesOptions } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel, streamText } from 'ai'
import type { Settings } from './settings.ts'

/** What `streamText` is to be told of it. */
interface ConnectedModel {
  model: Exclude<LanguageModel, string>
  providerOptions?: NonNullable<Parameters<typeof streamText>[0]['providerOptions']>
  /** Where the wire wants to be told; the SDK lowers it for models that it knows to have less. */
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
        // A model that the SDK does not know yet would get 4096, too little to write a file.
        maxOutputTokens: 32_000,
        // The history is sent again with every request: the cache makes it a tenth of the price.
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } satisfies AnthropicLanguageModelOptions },
      }
    case 'openai-responses':
      return {
        model: createOpenAI({ baseURL: `${url}/v1`, apiKey, fetch }).responses(model),
        // Nothing of a private repository is to stay with the provider; the whole history is sent instead.
        providerOptions: { openai: { store: false } satisfies OpenAILanguageModelResponsesOptions },
      }
    case 'openai-chat':
      // Not the SDK of OpenAI itself: this one also suits what is only compatible (vLLM, Ollama, LiteLLM).
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
