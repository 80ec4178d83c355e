// What people and services did to credentials and connections. `source` is `platform`. Never a value: names, and which
// master key seals.
import { z } from 'zod'
import { Count, Digest } from './fields.ts'

const Key = z.string().describe('id of the master key: the first digits of a digest of it')

const CredentialSet = z
  .object({ credential: z.string(), key: Key, replaced: z.boolean() })
  .describe('A credential was put into the encrypted store')

const CredentialRemoved = z
  .object({ credential: z.string() })
  .describe('A credential was taken out of the encrypted store')

const CredentialsRotated = z
  .object({ from: z.array(Key).describe('what sealed them before'), to: Key, credentials: Count })
  .describe('All credentials are sealed under another master key')

const ConnectionSet = z
  .object({
    connection: z.string(),
    kind: z.string().describe('such as `model`'),
    url: z.string(),
    provider: z.string().optional().describe('of a model connection'),
    models: z.array(z.string()).optional().describe('of a model connection: the first 50'),
    credential: z.string().describe('where its key comes from'),
    definition: Digest.describe('of the whole as canonical JSON'),
    replaced: z.boolean(),
  })
  .describe('A connection was set through the API')

const ConnectionRemoved = z.object({ connection: z.string() }).describe('A connection was removed')

export const CREDENTIAL_EVENTS = {
  'credential.set': CredentialSet,
  'credential.removed': CredentialRemoved,
  'credentials.rotated': CredentialsRotated,
  'connection.set': ConnectionSet,
  'connection.removed': ConnectionRemoved,
} as const
