// Put a secret into the encrypted store.
import type { StoredSecretInfo } from '../../credentials/types.ts'
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function setCredential(
  parts: ServiceParts,
  actor: Actor,
  name: string,
  value: string,
): Promise<StoredSecretInfo> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  return parts.storedSecrets.set(actor, name, value)
}
