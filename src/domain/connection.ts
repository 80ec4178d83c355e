// A model connection: where models are, what may be asked there, what it costs, and where its key comes from. It holds
// no secret itself.
import { z } from 'zod'

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

export const ConnectionName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'lowercase letters, digits and dashes, starting with a letter')

const Money = z.number().nonnegative().max(1_000_000)

/** Money for a million tokens, in the connection's currency. What is left out costs what `input` costs. */
export const Price = z.strictObject({
  input: Money,
  output: Money,
  'cached-input': Money.optional(),
  'cache-write': Money.optional(),
})
export type Price = z.infer<typeof Price>

/** What would be a secret in a place that is shown and recorded, or would be cut off when a path is added. */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && url.username === '' && url.password === '' && !/[?#]/.test(text)
}

const BaseUrl = z
  .url({ protocol: /^https?$/, error: 'an http or https URL, such as https://models.example.com' })
  .max(2000)
  .refine(isBaseUrl, 'a URL without user, password, query and fragment; keys are credentials')

const Argument = z.string().regex(/^[^\0]*$/, 'a text without zero bytes')

const VariableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')

/** Where a secret comes from. `stored` is Glovebox's own encrypted store, filled by `glovebox credential set`. */
export const SecretSource = z.discriminatedUnion('from', [
  z
    .strictObject({ from: z.literal('stored'), name: ConnectionName.optional().describe("default: the connection's") })
    .describe('the encrypted store, which `glovebox credential set` fills'),
  z
    .strictObject({ from: z.literal('environment'), variable: VariableName })
    .describe('a variable of the environment that Glovebox is started with'),
  z
    .strictObject({ from: z.literal('file'), path: z.string().min(1) })
    .describe('a file that nobody but its owner may read or write'),
  z
    .strictObject({
      from: z.literal('command'),
      argv: z
        .array(Argument)
        .min(1)
        .max(64)
        .refine(([program]) => program !== '', 'its program is empty'),
    })
    .describe('a program that prints it; no shell, 15 seconds, and PATH and HOME as its whole environment'),
  z
    .strictObject({
      from: z.literal('vault'),
      address: BaseUrl.describe('such as https://vault.example:8200'),
      mount: z.string().min(1).default('secret').describe('of the secrets engine'),
      path: z.string().min(1),
      field: z.string().min(1),
      namespace: z
        .string()
        .regex(/^[\x21-\x7e]+$/, 'visible ASCII characters')
        .optional(),
      token: z
        .discriminatedUnion('from', [
          z.strictObject({ from: z.literal('environment'), variable: VariableName }),
          z.strictObject({ from: z.literal('file'), path: z.string().min(1) }),
        ])
        .describe('how Glovebox shows itself to Vault: a token in a variable or a file'),
    })
    .describe('HashiCorp Vault, KV version 2'),
  z.strictObject({ from: z.literal('none') }).describe('the provider asks for no key'),
])
export type SecretSource = z.infer<typeof SecretSource>

export const Connection = z.strictObject({
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
})
export type Connection = z.infer<typeof Connection>

/** Money is counted in millionths of the currency, so that sums are exact. */
export const MICROS = 1_000_000

/** `cost` is money in the currency of the connection. What is left out has no bound of its own. */
export const Budget = z.strictObject({
  tokens: z.int().positive().optional().describe('tokens in and out together'),
  cost: z.number().positive().max(1_000_000).optional(),
})
export type Budget = z.infer<typeof Budget>

export const Budgets = z.strictObject({
  run: Budget.optional().describe('for each run'),
  day: Budget.optional().describe('for all runs of a day, in UTC'),
  total: Budget.optional().describe('for all runs that this data folder has a record of'),
  tasks: z.record(z.string(), Budget).default({}).describe('by name of the task: for each of its runs'),
})
export type Budgets = z.infer<typeof Budgets>

/** What an agent step means when it leaves something out. */
export const AgentDefaults = z.strictObject({
  default: z.string().min(1).max(100).optional().describe('the agent that `agent: default` means'),
  connection: ConnectionName.optional().describe('the model connection; default: the only one that there is'),
  model: z.string().min(1).max(200).optional().describe('default: the first one of the connection'),
  folders: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('by name of the agent: the folder on this host that it is installed in'),
})
export type AgentDefaults = z.infer<typeof AgentDefaults>
