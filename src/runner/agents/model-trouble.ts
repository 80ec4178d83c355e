// Why an agent's model did not answer it, in the gateway's words: an agent's own words for that are its own.
import type { EventBody } from '../../domain/event.ts'
import type { Store } from '../../store/types.ts'

export interface ModelTrouble extends Pick<Called, 'outcome'> {
  why: string
}

type Called = EventBody<'model.called'>

/** How the last call of the step ended, where that was without an answer; null otherwise. */
export async function modelTrouble(
  run: string,
  step: number,
  { store }: { store: Pick<Store, 'events'> },
): Promise<ModelTrouble | null> {
  const given = await store.events.list({ run, kinds: ['prompt.given'] })
  const after = given.findLast(({ body }) => (body as { step: number }).step === step)?.seq ?? 0
  const calls = await store.events.list({ run, kinds: ['model.called'], after })
  const called = telling(calls.map(({ body }) => body as Called))
  if (called === null || called.outcome === 'answered') return null
  const { outcome, note, refusal, status } = called
  return { outcome, why: note ?? refusal ?? `status ${status}` }
}

/**
 * What an agent hung up on when its time was over says less than the failure before it; and so does a model of its own
 * that it asked for when the right one had failed.
 */
function telling(calls: readonly Called[]): Called | null {
  const last = calls.at(-1) ?? null
  if (last === null || !saysLess(last)) return last
  const before = calls.findLast((call) => !saysLess(call))
  return before === undefined || before.outcome === 'answered' ? last : before
}

function saysLess({ status, refusal }: Called): boolean {
  return status === CLIENT_GONE || refusal === 'model'
}

/** What the gateway records where nobody waited for the answer any more. */
const CLIENT_GONE = 499
