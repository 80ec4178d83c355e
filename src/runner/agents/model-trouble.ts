// The reason why an agent's model did not answer, from the gateway's record. The agent's own explanation is not
// trusted.
import type { EventBody } from '../../domain/event.ts'
import type { Store } from '../../store/types.ts'

export interface ModelTrouble extends Pick<Called, 'outcome'> {
  why: string
}

type Called = EventBody<'model.called'>

/** Outcome of the step's last model call if it got no answer; null otherwise. */
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
 * The call that explains the failure. Skips calls that explain less than an earlier failure: a call that the agent
 * closed when its time was over, and a call to another model that the agent tried after the right one had failed.
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

/** Status in the gateway's record when the client closed the connection before the answer. */
const CLIENT_GONE = 499
