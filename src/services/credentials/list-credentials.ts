// Use case: list the names of the secrets in the encrypted store.
import type { Answer, Call } from '../../contract/call.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { pageOfNamed } from '../read-page.ts'

export async function listCredentials(
  parts: AuthoriseParts & Pick<ServiceParts, 'storedSecrets'>,
  call: Call<'listCredentials'>,
): Promise<Answer<'listCredentials'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { items, next } = pageOfNamed(await parts.storedSecrets.list(), call.query, ({ name }) => name)
  return { credentials: items, next }
}
