// Events of people's and services' changes to credentials and connections. `source` is `platform`. They never contain a
// secret value, only names and the id of the master key.
import { z } from 'zod'
import { Count, Digest } from './fields.ts'

const Key = z.string().describe('id of the master key: the first digits of a digest of it')

const CredentialSet = z
  .object({ credential: z.string(), key: Key, replaced: z.boolean() })
  .describe('A credential was stored encrypted')

const CredentialRemoved = z
  .object({ credential: z.string() })
  .describe('A credential was removed from the encrypted store')

const CredentialsRotated = z
  .object({ from: z.array(Key).describe('the master keys that encrypted them before'), to: Key, credentials: Count })
  .describe('All credentials are encrypted with a new master key')

const ConnectionSet = z
  .object({
    connection: z.string(),
    kind: z.string().describe('such as `model`'),
    url: z.string(),
    provider: z.string().optional().describe('only for a model connection'),
    models: z.array(z.string()).optional().describe('only for a model connection: its first 50 models'),
    credential: z.string().describe('the source of its key'),
    definition: Digest.describe('digest of the definition as canonical JSON'),
    replaced: z.boolean(),
  })
  .describe('A connection was created or replaced through the API')

const ConnectionRemoved = z.object({ connection: z.string() }).describe('A connection was removed')

export const CREDENTIAL_EVENTS = {
  'credential.set': CredentialSet,
  'credential.removed': CredentialRemoved,
  'credentials.rotated': CredentialsRotated,
  'connection.set': ConnectionSet,
  'connection.removed': ConnectionRemoved,
} as const
