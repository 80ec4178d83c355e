// A person says yes or no to what an agent asked to do.
import type { Actor } from '../../domain/actor.ts'
import type { Ask } from '../../domain/ask.ts'
import { canAnswer } from '../../domain/ask.ts'
import type { Run } from '../../domain/run.ts'
import type { EntityRef } from '../../policy/types.ts'
import { platformEvent } from '../../domain/event.ts'
import { authorise } from '../authorise.ts'
import type { Transaction } from '../../store/types.ts'
import type { ServiceParts } from '../parts.ts'
import { findAsk } from './read-asks.ts'
import { ServiceError } from '../types.ts'

/** Whichever transaction is first decides: this one, or the one that the deadline or the end of the run starts. */
export async function answerAsk(
  parts: ServiceParts,
  actor: Actor,
  id: string,
  answer: 'allowed' | 'denied',
  reason: string | null,
): Promise<Ask> {
  const ask = await findAsk(parts, id)
  const run = await parts.store.runs.get(ask.run)
  if (!run) throw new ServiceError('not-found', `there is no run ${ask.run}`)
  const { reasons } = await authorise(parts, actor, {
    action: 'ask.decide',
    resource: askEntity(ask, run),
    context: {
      requester: run.requester.id,
      ...(run.requester.via ? { requesterVia: run.requester.via } : {}),
      repository: run.repository,
      tool: ask.tool,
      answer,
      ...(reason === null ? {} : { reason }),
    },
    run: run.id,
  })
  return parts.store.transact(async (tx) => {
    const current = await tx.asks.get(id)
    const now = parts.ids.now()
    if (!current || !canAnswer(current, now) || !(await isAtWork(tx, run.id, now))) throw tooLate(id, current)
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

/** Nobody hears an answer whose run has ended, or whose worker is gone: its lease is over. */
async function isAtWork(tx: Transaction, run: string, now: number): Promise<boolean> {
  const claim = await tx.claims.get(run)
  return (await tx.runs.get(run))?.status === 'running' && (claim === null || now < claim.expiresAt)
}

function tooLate(id: string, ask: Ask | null): ServiceError {
  const by = ask?.decidedBy?.id ?? 'nobody'
  const why: Record<Ask['status'], string> = {
    open: 'nobody waits for an answer to it any more',
    expired: 'its deadline has passed, which is a denial',
    allowed: `${by} allowed it already`,
    denied: `${by} denied it already`,
  }
  return new ServiceError('wrong-state', `ask ${id} can't be answered: ${why[ask?.status ?? 'open']}`, {
    cure: '`glovebox ask list` shows what waits for an answer',
  })
}

function askEntity({ id, agent, tool, status }: Ask, run: Run): EntityRef {
  return { type: 'Ask', id, attributes: { run: run.id, requester: run.requester.id, agent, tool, status } }
}
