// Check whether the person at the keyboard can approve a change. The requester of its run can't, directly or through a
// service, while these policies are in force.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Session } from '../session/session.ts'

const RULES = {
  requester: { id: 'requester-cannot-approve', anchor: 'solo' },
  via: { id: 'four-eyes', anchor: 'own-automation' },
} as const

/** Text for the person instead of `change approve`; null if no obstacle is known. */
export async function approvalObstacle(session: Session, detail: ChangeDetail): Promise<string | null> {
  const { client, environment } = session
  const person = environment.person.id
  const { requester } = detail.change
  const rule = requester.id === person ? RULES.requester : requester.via === person ? RULES.via : null
  if (rule === null) return null
  const { policies } = await client.listPolicies()
  if (!policies.some(({ id, enabled }) => id === rule.id && enabled)) return null
  return `${person} requested this run${rule === RULES.via ? ` through ${requester.id}` : ''}, so another person must approve its change; if you work alone, see docs/policies.md#${rule.anchor}`
}
