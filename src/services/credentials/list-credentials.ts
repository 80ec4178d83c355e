// Which secrets are in the encrypted store, by name.
import type { StoredSecretInfo } from '../../credentials/types.ts'
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function listCredentials(parts: ServiceParts, actor: Actor): Promise<readonly StoredSecretInfo[]> {
  await authorise(parts, actor, { action: 'credential.read', resource: INSTANCE, run: null })
  return parts.storedSecrets.list()
}
