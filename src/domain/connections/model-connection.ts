// A model connection: where models are, what may be asked there, what it costs, and where its key comes from. It holds
// no secret itself.
import { z } from 'zod'
import { BaseUrl } from './base-url.ts'
import { ConnectionName } from './connection-name.ts'
import { SecretSource } from './secret-source.ts'

/** The APIs that are passed through. `openai` has two; a client chooses by the path it asks. */
export const Wire = z.enum(['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'])
export type Wire = z.infer<typeof Wire>

export const ProviderKind = z.enum(['anthropic', 'openai', 'gemini', 'openai-compatible'])
export type ProviderKind = z.infer<typeof ProviderKind>

/** What a client of each kind of provider may speak, best first. */
export const WIRES_OF = {
  anthropic: ['anthropic-messages'],
  openai: ['openai-responses', 'openai-chat'],
  gemini: ['gemini'],
  'openai-compatible': ['openai-chat', 'openai-responses'],
} as const satisfies Record<ProviderKind, readonly Wire[]>

const Money = z.number().nonnegative().max(1_000_000)

/** Money for a million tokens, in the connection's currency. What is left out costs what `input` costs. */
export const Price = z.strictObject({
  input: Money,
  output: Money,
  'cached-input': Money.optional(),
  'cache-write': Money.optional(),
  'cache-write-1h': Money.optional().describe('for a cache that lives an hour; default: twice `input`'),
  times: z
    .record(z.string().min(1).max(100), z.number().positive().max(1000))
    .optional()
    .describe(
      'how many times the price an answer costs with a field that `fields` permits, such as `service_tier=priority: 2`; default: the dearest that is published',
    ),
})
export type Price = z.infer<typeof Price>

export const ModelConnection = z.strictObject({
  kind: z.literal('model'),
  name: ConnectionName,
  provider: ProviderKind.describe('what it speaks'),
  url: BaseUrl.describe('base URL, with or without the version, such as https://api.openai.com/v1'),
  models: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(200)
    .describe('ids of the models that may be asked, as the provider names them; the first is the default'),
  prices: z.record(z.string(), Price).default({}).describe('by model id; a model without a price costs nothing here'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three letters, such as USD')
    .default('USD'),
  credential: SecretSource.default({ from: 'stored' }),
  'server-tools': z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe(
      "types of tools that the provider runs itself and that may be asked for, such as 'web_search'; none by default",
    ),
  fields: z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe(
      "fields of requests that change the price, reach state at the provider, outlive the call or instruct the server, and that may be sent all the same, such as 'background' or 'service_tier=priority'; none by default",
    ),
})
export type ModelConnection = z.infer<typeof ModelConnection>
