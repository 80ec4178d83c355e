// Check whether the person at the keyboard can approve a change. Whoever asked for a run of it can't, directly or through a
// service, while these policies are in force.
import type { ChangeDetail } from '../../contract/resources.ts'
import { requestersOf } from '../../domain/change.ts'
import type { Session } from '../session/session.ts'

const RULES = {
  requester: { id: 'requester-cannot-approve', anchor: 'solo' },
  via: { id: 'four-eyes', anchor: 'own-automation' },
} as const

/** Text for the person instead of `change approve`; null if no obstacle is known. */
export async function approvalObstacle(session: Session, detail: ChangeDetail): Promise<string | null> {
  const { client, environment } = session
  const person = environment.person.id
  const requesters = requestersOf(detail.change)
  const through = requesters.find(({ via }) => via === person)
  const rules = [
    ...(requesters.some(({ id }) => id === person) ? [RULES.requester] : []),
    ...(through ? [RULES.via] : []),
  ]
  if (rules.length === 0) return null
  const { policies } = await client.listPolicies()
  const rule = rules.find((one) => policies.some(({ id, enabled }) => id === one.id && enabled))
  if (rule === undefined) return null
  const service = rule === RULES.via ? ` through ${through?.id}` : ''
  const asked = detail.change.attempts.length > 1 ? 'one of its runs' : 'this run'
  return `${person} requested ${asked}${service}, so another person must approve its change; if you work alone, see docs/policies.md#${rule.anchor}`
}
