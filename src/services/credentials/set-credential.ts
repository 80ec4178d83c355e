// Use case: put a secret into the encrypted store.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function setCredential(
  parts: AuthoriseParts & Pick<ServiceParts, 'storedSecrets'>,
  call: Call<'setCredential'>,
): Promise<Answer<'setCredential'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  return parts.storedSecrets.set(call.caller.actor, call.params.credential, call.body.value)
}
