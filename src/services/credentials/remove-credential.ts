// Take a secret out of the encrypted store.
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function removeCredential(parts: ServiceParts, actor: Actor, name: string): Promise<void> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  await parts.storedSecrets.remove(actor, name)
}
