// Use case: re-encrypt all stored secrets under a new master key.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'

export async function rotateCredentials(
  parts: AuthoriseParts & Pick<ServiceParts, 'storedSecrets'>,
  call: Call<'rotateCredentials'>,
): Promise<Answer<'rotateCredentials'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { from, to, credentials } = await parts.storedSecrets.rotate(call.caller.actor)
  return { from: [...from], to, credentials }
}
