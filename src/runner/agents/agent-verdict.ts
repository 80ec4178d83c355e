// Outcome of an agent step, from the ends of its turn, of its model calls and of its time.
import type { AgentOutcome } from '../../agents/types.ts'
import type { ModelTrouble } from './model-trouble.ts'
import type { StepOutcome } from '../steps/step-output.ts'
import { stopReason } from '../stop-reason.ts'

const MAX_NOTE_CHARS = 2000

interface Ending {
  agent: AgentOutcome
  /** Whether the step's own time limit passed. */
  timedOut: boolean
  /** Signal that ends the run. */
  stopped: AbortSignal
  /** null: the model answered the last call. */
  trouble: ModelTrouble | null
}

export function agentVerdict({ agent, timedOut, stopped, trouble }: Ending): Pick<StepOutcome, 'outcome' | 'note'> {
  const model = trouble && `model ${trouble.outcome}: ${trouble.why}`
  if (stopped.aborted) {
    const { status, message } = stopReason(stopped)
    return { outcome: 'cancelled', note: noted(message, status === 'cancelled' ? null : model) }
  }
  // An agent may ask an unreachable model until its time is up. Then the model is the cause of the timeout.
  if (timedOut) return { outcome: 'timed-out', note: noted('the time limit of the step', model) }
  if (agent.outcome === 'end_turn') return { outcome: 'succeeded' }
  const said = agent.message ?? `the agent ended with ${agent.outcome}`
  // Most agents end with the message that the gateway gave them, so it is not repeated.
  return { outcome: 'failed', note: noted(model, trouble && said.includes(trouble.why) ? null : said) }
}

function noted(...words: readonly (string | null)[]): string {
  const told = words.filter((each) => each !== null)
  return told
    .map((each, at) => (at < told.length - 1 ? each.replace(/\.$/, '') : each))
    .join('; ')
    .slice(0, MAX_NOTE_CHARS)
}
