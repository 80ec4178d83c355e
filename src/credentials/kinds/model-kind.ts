// Implements connections to model providers.
import type { ModelConnection } from '../../domain/connections/model-connection.ts'
import type { KindOfConnection } from './kind-of-connection.ts'
import { testModelConnection } from './test-model-connection.ts'

const MOST_MODELS = 50

export const modelKind: KindOfConnection<ModelConnection> = {
  origin: ({ url }) => new URL(url).origin,
  told: ({ provider, models }) => ({ provider, models: models.slice(0, MOST_MODELS) }),
  // The key is sent in a header, which cannot contain a line break.
  problem: (secret) =>
    /[\r\n]/.test(secret.reveal()) ? 'has a line break in it; the key of a model provider is one line' : null,
  test: testModelConnection,
}
