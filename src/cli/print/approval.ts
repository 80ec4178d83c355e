// Whether the person at the keyboard can approve a change at all: who asked for its run, or let a
// service ask, can not, unless an optional policy says so.
import type { ChangeDetail } from '../../contract/resources.ts'
import type { Session } from '../session/session.ts'

const RULES = {
  requester: { id: 'requester-cannot-approve', anchor: 'solo' },
  via: { id: 'four-eyes', anchor: 'own-automation' },
} as const

/** What to tell the person instead of `change approve`; null when nothing is known to stand in the way. */
export async function approvalObstacle(session: Session, detail: ChangeDetail): Promise<string | null> {
  const { client, environment } = session
  const person = environment.person.id
  const { requester } = detail.change
  const rule = requester.id === person ? RULES.requester : requester.via === person ? RULES.via : null
  if (rule === null) return null
  const { policies } = await client.listPolicies()
  if (!policies.some(({ id, enabled }) => id === rule.id && enabled)) return null
  return `${person} asked for this run${rule === RULES.via ? ` through ${requester.id}` : ''}, so another person has to approve it; if you work alone, see docs/policies.md#${rule.anchor}`
}
