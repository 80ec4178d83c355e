// A model connection: the provider's URL, its permitted models and fields, their prices, and the source of the key. It
// contains no secret itself.
import { z } from 'zod'
import { BaseUrl } from './base-url.ts'
import { ConnectionName } from './connection-name.ts'
import { SecretSource } from './secret-source.ts'

/** The supported wire APIs. `openai` has two; the path of a request selects one. */
export const Wire = z.enum(['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'])
export type Wire = z.infer<typeof Wire>

export const ProviderKind = z.enum(['anthropic', 'openai', 'gemini', 'openai-compatible'])
export type ProviderKind = z.infer<typeof ProviderKind>

/** The wire APIs of each kind of provider, best first. */
export const WIRES_OF = {
  anthropic: ['anthropic-messages'],
  openai: ['openai-responses', 'openai-chat'],
  gemini: ['gemini'],
  'openai-compatible': ['openai-chat', 'openai-responses'],
} as const satisfies Record<ProviderKind, readonly Wire[]>

const Money = z.number().nonnegative().max(1_000_000)

/** Price of a million tokens, in the connection's currency. An omitted price equals `input`. */
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
      'price factor of an answer with a field that `fields` permits, such as `service_tier=priority: 2`; default: the highest published factor',
    ),
})
export type Price = z.infer<typeof Price>

export const ModelConnection = z.strictObject({
  kind: z.literal('model'),
  name: ConnectionName,
  provider: ProviderKind.describe('kind of provider, which determines the wire APIs'),
  url: BaseUrl.describe('base URL, with or without the version, such as https://api.openai.com/v1'),
  models: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(200)
    .describe("the provider's ids of the permitted models; the first is the default"),
  prices: z.record(z.string(), Price).default({}).describe('by model id; a model without a price counts as free'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three letters, such as USD')
    .default('USD'),
  credential: SecretSource.default({ from: 'stored' }),
  'server-tools': z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe("permitted types of tools that the provider runs itself, such as 'web_search'; none by default"),
  fields: z
    .array(z.string().min(1).max(100))
    .max(50)
    .default([])
    .describe(
      "permitted request fields that change the price, reach state at the provider, outlive the call or instruct the server, such as 'background' or 'service_tier=priority'; none by default",
    ),
})
export type ModelConnection = z.infer<typeof ModelConnection>
