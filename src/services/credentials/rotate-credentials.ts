// Seal all stored secrets under another master key.
import type { Rotation } from '../../credentials/types.ts'
import type { Actor } from '../../domain/actor.ts'
import { authorise, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function rotateCredentials(parts: ServiceParts, actor: Actor): Promise<Rotation> {
  await authorise(parts, actor, { action: 'credential.manage', resource: INSTANCE, run: null })
  return parts.storedSecrets.rotate(actor)
}
