import type { AgentChannel, AgentKind } from './types.ts'
import { within } from './within.ts'

/** Sentences that say how the process ended and what may help. */
export async function exitHint(kind: AgentKind, channel: AgentChannel, waitMs: number): Promise<string> {
  const exit = await within(channel.ended, waitMs, () => null)
  const look = 'Its standard error is in the output of the step.'
  if (exit === null) return `It is still running. ${look}`
  if (exit.signalled) return `It was killed by signal ${exit.status}. ${look}`
  if (exit.status === 126 || exit.status === 127)
    return `Its program could not be started. Install it: ${kind.installHint}`
  return `It exited with status ${exit.status}. ${look}`
}
