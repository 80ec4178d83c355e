// Closes an unanswered ask as denied, with its event in the same transaction.
import type { Ask } from '../../domain/ask.ts'
import type { Transaction } from '../../store/types.ts'
import { platformEvent } from '../../domain/event.ts'
import { RUNNER } from '../../domain/actor.ts'

export interface Closing {
  by: 'deadline' | 'end'
  note: string | null
  now: number
}

export async function closeAsk(tx: Transaction, { id, run, step }: Ask, { by, note, now }: Closing): Promise<void> {
  const status = by === 'deadline' ? 'expired' : 'denied'
  await tx.asks.update(id, { status, decidedAt: now, decidedBy: RUNNER, note })
  await tx.record([platformEvent(run, 'ask.decided', { step, ask: id, outcome: 'denied', by, reasons: [], note })])
}
