// Model providers that `glovebox init` knows, and the connection that its answers describe.
import { ModelEntry } from '../../config/config-file.ts'
import type { ProviderKind } from '../../domain/connections/model-connection.ts'
import type { SecretSource } from '../../domain/connections/secret-source.ts'
import { UsageError } from '../cli-error.ts'

interface ModelPreset {
  /** null: it has to be named. */
  url: string | null
  model: string | null
  /** The variable in which the provider's own tools expect the key; null: usually there is no key. */
  variable: string | null
}

export const MODEL_PRESETS: Readonly<Record<ProviderKind, ModelPreset>> = {
  anthropic: { url: 'https://api.anthropic.com', model: 'claude-sonnet-4-5', variable: 'ANTHROPIC_API_KEY' },
  openai: { url: 'https://api.openai.com/v1', model: 'gpt-5', variable: 'OPENAI_API_KEY' },
  gemini: {
    url: 'https://generativelanguage.googleapis.com',
    model: 'gemini-2.5-pro',
    variable: 'GEMINI_API_KEY',
  },
  'openai-compatible': { url: null, model: null, variable: null },
}

/** Where the key of a new connection comes from. */
export type KeySource = Extract<SecretSource, { from: 'stored' | 'environment' | 'none' }>

export interface ModelChoice {
  provider: ProviderKind
  url: string
  model: string
  key: KeySource
}

/** Throws UsageError if the configuration file could not hold it. */
export function checkModel({ provider, url, model, key }: ModelChoice): void {
  const checked = ModelEntry.safeParse({ provider, url, models: [model], credential: key })
  if (checked.success) return
  const [issue] = checked.error.issues
  const flag = { url: '--url', models: '--model-id', credential: '--key-variable' }[String(issue?.path[0])] ?? '--model'
  throw new UsageError(`${flag}: ${issue?.message ?? 'not accepted'}`)
}
