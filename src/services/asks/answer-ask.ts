// Use cases: a person allows or denies an agent's permission request.
import type { Answer, Call } from '../../contract/call.ts'
import type { Ask } from '../../domain/ask.ts'
import { canAnswer } from '../../domain/ask.ts'
import { platformEvent } from '../../domain/event.ts'
import { authorise, type AuthoriseParts } from '../authorise.ts'
import type { Transaction } from '../../store/types.ts'
import type { ServiceParts } from '../parts.ts'
import { resolveReference } from '../resolve-reference.ts'
import { ServiceError } from '../types.ts'
import { askContext, askEntity } from './read-asks.ts'

type Answering = Call<'allowAsk' | 'denyAsk'>
type Parts = AuthoriseParts & Pick<ServiceParts, 'ids'>

export function allowAsk(parts: Parts, call: Call<'allowAsk'>): Promise<Answer<'allowAsk'>> {
  return answerAsk(parts, call, 'allowed')
}

export function denyAsk(parts: Parts, call: Call<'denyAsk'>): Promise<Answer<'denyAsk'>> {
  return answerAsk(parts, call, 'denied')
}

/** The first transaction decides: this one, or the one of the deadline or of the end of the run. */
async function answerAsk(parts: Parts, call: Answering, answer: 'allowed' | 'denied'): Promise<Ask> {
  const { reason } = call.body
  const { actor } = call.caller
  const ask = await findAsk(parts, call.params.ask)
  const { id } = ask
  const run = await parts.store.runs.get(ask.run)
  if (!run) throw new ServiceError('not-found', `run ${ask.run} does not exist`)
  const { reasons } = await authorise(parts, call, {
    resource: askEntity(ask, run),
    context: askContext(ask, run, answer, reason),
    run: run.id,
  })
  return parts.store.transact(async (tx) => {
    const current = await tx.asks.get(id)
    const now = parts.ids.now()
    if (!current || !canAnswer(current, now) || !(await isAtWork(tx, ask.run, now))) throw tooLate(id, current)
    const fields = { status: answer, decidedAt: now, decidedBy: actor, note: reason }
    const answered = await tx.asks.update(id, fields, { expect: { status: ['open'] } })
    const body = {
      step: ask.step,
      ask: id,
      outcome: answer,
      by: 'person' as const,
      reasons: [...reasons],
      note: reason,
    }
    await tx.record([platformEvent(ask.run, 'ask.decided', body, actor)])
    return answered
  })
}

/** Whether the run is still at work. After its end, or without a worker's lease, no agent receives the answer. */
async function isAtWork(tx: Transaction, run: string, now: number): Promise<boolean> {
  const claim = await tx.claims.get(run)
  return (await tx.runs.get(run))?.status === 'running' && (claim === null || now < claim.expiresAt)
}

/** Refuses `latest` when several requests wait: the agent may have asked again since the person read one. */
async function findAsk(parts: Parts, reference: string): Promise<Ask> {
  if (reference !== 'latest') return resolveReference('ask', reference, parts.store.asks, () => true)
  const { items } = await parts.store.asks.list({ status: ['open'], limit: 10 })
  const [first, second] = items
  if (first === undefined) throw new ServiceError('not-found', 'No agent is waiting for an answer')
  if (second === undefined) return first
  throw new ServiceError('ambiguous', 'Several requests wait, and `latest` may not be the one that you read', {
    cure: 'give the id of the request',
    details: items.map(({ id }) => id),
  })
}

function tooLate(id: string, ask: Ask | null): ServiceError {
  const by = ask?.decidedBy?.id ?? 'nobody'
  const why: Record<Ask['status'], string> = {
    open: 'its deadline has passed, or its run is no longer at work',
    expired: 'its deadline has passed, which is a denial',
    allowed: `${by} has already allowed it`,
    denied: `${by} has already denied it`,
  }
  return new ServiceError('wrong-state', `ask ${id} can't be answered: ${why[ask?.status ?? 'open']}`, {
    cure: '`glovebox ask list` shows requests that wait for an answer',
  })
}
