// Use cases: read the instance's policies, and check a policy that is not installed yet.
import type { Answer, Call } from '../../contract/call.ts'
import type { PolicyList } from '../../contract/resources.ts'
import { authorise, type AuthoriseParts, INSTANCE } from '../authorise.ts'
import type { ServiceParts } from '../parts.ts'
import { pageOfNamed } from '../read-page.ts'

export async function listPolicies(
  parts: AuthoriseParts & Pick<ServiceParts, 'policies' | 'policy'>,
  call: Call<'listPolicies'>,
): Promise<Answer<'listPolicies'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const { items, next } = pageOfNamed(parts.policies, call.query, ({ id }) => id)
  return { digest: parts.policy.digest as PolicyList['digest'], policies: items, next }
}

export async function checkPolicy(
  parts: AuthoriseParts & Pick<ServiceParts, 'checkPolicy'>,
  call: Call<'checkPolicy'>,
): Promise<Answer<'checkPolicy'>> {
  await authorise(parts, call, { resource: INSTANCE, run: null })
  const problems = [...parts.checkPolicy(call.body.text, call.body.name)]
  return { valid: problems.length === 0, problems }
}
