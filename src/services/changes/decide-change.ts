// Use cases: a person approves or rejects the commit that they saw.
import type { Answer, Call } from '../../contract/call.ts'
import type { Change, Decision } from '../../domain/change.ts'
import { changeCan } from '../../domain/change.ts'
import { platformEvent } from '../../domain/event.ts'
import { type AuthoriseParts, permits } from '../authorise.ts'
import { ServiceError } from '../types.ts'
import { describeChange } from './describe-change.ts'
import { authorisedChange, changeById, changeContext, changeEntity } from './find-change.ts'
import { type LeaseParts, oneAtATime } from './one-at-a-time.ts'
import { LOST_ANSWER, settleMerge, type SettleParts } from './settle-merge.ts'

type Deciding = Call<'approveChange' | 'rejectChange'>
type Parts = AuthoriseParts & SettleParts & LeaseParts

const VERBS = { approved: 'approve', rejected: 'reject' } as const

export async function approveChange(parts: Parts, call: Call<'approveChange'>): Promise<Answer<'approveChange'>> {
  if (call.params.change === 'latest') await refuseUnlessOne(parts, call)
  return decide(parts, call, 'approved')
}

export async function rejectChange(parts: Parts, call: Call<'rejectChange'>): Promise<Answer<'rejectChange'>> {
  return decide(parts, call, 'rejected')
}

async function decide(parts: Parts, call: Deciding, decision: Decision['decision']): Promise<Answer<'approveChange'>> {
  const verb = VERBS[decision]
  const { reason } = call.body
  const { change, reasons } = await authorisedChange(parts, call, reason)
  refuseOtherCommit(call, change, decision)
  const { id } = change
  return oneAtATime(parts, id, async () => {
    await settleMerge(parts, await changeById(parts, id), LOST_ANSWER)
    const decided = await parts.store.transact(async (tx) => {
      const current = await tx.changes.get(id)
      if (!current || !changeCan(verb, current.status))
        throw new ServiceError('wrong-state', `change ${id} is ${current?.status ?? 'gone'} and can't be ${decision}`)
      if (current.commit !== change.commit)
        throw new ServiceError('wrong-state', `change ${id} has moved to another commit; review it again`)
      const { commit } = current
      const { actor } = call.caller
      await tx.decisions.insert({
        change: id,
        actor,
        decision,
        commit,
        reason,
        policies: [...reasons],
        time: parts.ids.now(),
      })
      const body = { change: id, decision, commit, reason, policies: [...reasons] }
      await tx.record([platformEvent(current.run, 'change.decided', body, actor)])
      return (await tx.changes.get(id)) ?? current
    })
    return describeChange(parts, decided)
  })
}

/** A new attempt may move a change between the moment a person reads the diff and the moment they approve it. */
function refuseOtherCommit({ body }: Deciding, { id, commit, attempts }: Change, decision: Decision['decision']): void {
  const cure = `read \`glovebox change diff ${id}\`, then name the commit with \`--commit ${commit.slice(0, 12)}\``
  if (body.commit !== null) {
    if (commit.startsWith(body.commit)) return
    throw new ServiceError('wrong-state', `change ${id} is at commit ${commit.slice(0, 12)}, not at ${body.commit}`, {
      cure,
    })
  }
  if (decision === 'rejected' || attempts.length <= 1) return
  const why = `change ${id} has ${attempts.length} attempts, so an approval must name the commit that you read`
  throw new ServiceError('ambiguous', why, { cure })
}

/** Refuses `latest` when several changes wait: a newer change may have appeared since the person read the diff. */
async function refuseUnlessOne(parts: Parts, call: Deciding): Promise<void> {
  const permitted = permits(parts, call, 'change.read')
  const { items } = await parts.store.changes.list({ status: ['open'], limit: 100 })
  const waiting = items.filter((change) => permitted(changeEntity(change), changeContext(change, null)))
  if (waiting.length <= 1) return
  throw new ServiceError(
    'ambiguous',
    'Several changes wait for a decision, and `latest` may not be the one that you read',
    { cure: 'give the id of the change', details: waiting.slice(0, 10).map((change) => change.id) },
  )
}
