// Use case: remove a secret from the encrypted store.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function removeCredential(
  parts: AuthoriseParts & Pick<ServiceParts, 'storedSecrets'>,
  call: Call<'removeCredential'>,
): Promise<Answer<'removeCredential'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { credential } = call.params
  await parts.storedSecrets.remove(call.caller.actor, credential)
  return { removed: credential }
}
