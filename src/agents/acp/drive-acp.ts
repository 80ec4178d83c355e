// Drives an agent through one prompt over the Agent Client Protocol.
import { methods, PROTOCOL_VERSION, RequestError } from '@agentclientprotocol/sdk'
import { keepAccount } from '../account/keep-account.ts'
import type { Account } from '../account/keep-account.ts'
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import { exitHint } from '../exit-hint.ts'
import type { AgentKind, AgentOutcome, DriveOptions } from '../types.ts'
import { unlessAborted, within } from '../within.ts'
import { connectAgent } from './connect-agent.ts'
import type { AgentConnection } from './connect-agent.ts'
import { openSession } from './open-session.ts'
import { readStop } from './read-answers.ts'

/** How long an agent may take to exit by itself after its turn, in ms. */
const LEAVE_MS = 2000

export async function driveAcp(options: DriveOptions, bounds: Bounds): Promise<AgentOutcome> {
  const account = keepAccount(options, bounds)
  const connection = connectAgent(options, account, bounds)
  let outcome: AgentOutcome
  try {
    outcome = await lead(options, account, connection)
  } catch (error) {
    outcome = await failure(error, options, account, connection)
  }
  await leave(options, account, connection)
  const final = await account.ended(outcome)
  account.check()
  return final
}

async function lead(options: DriveOptions, account: Account, connection: AgentConnection): Promise<AgentOutcome> {
  const { kind, model, signal } = options
  const opened = await unlessAborted(openSession(options, connection.agent), signal)
  if (opened === null) return CANCELLED
  const { title, version, session } = opened
  const { connection: name, model: id } = model
  await account.started({ title, version, session, connection: name, model: id, protocol: `acp ${PROTOCOL_VERSION}` })

  const prompt = [{ type: 'text' as const, text: options.prompt }]
  const turn = connection.agent.request(methods.agent.session.prompt, { sessionId: session, prompt })
  const response = await unlessAborted(turn, signal)
  if (response !== null)
    return signal.aborted ? CANCELLED : judge(kind, readStop(kind.name, response), connection.failing)

  connection.stopDeciding()
  void connection.agent.notify(methods.agent.session.cancel, { sessionId: session }).catch(() => undefined)
  await within(turn.then(nothing, nothing), options.graceMs, nothing)
  return CANCELLED
}

/** Corrects outcomes: some agents report `end_turn` after a failure, or `cancelled` although nobody cancelled them. */
function judge({ name }: AgentKind, outcome: AgentOutcome, failing: boolean): AgentOutcome {
  if (failing && outcome.outcome === 'end_turn')
    return failed(`${name} reported that its turn failed. Its last message and its model calls show the cause.`)
  if (outcome.outcome !== 'cancelled') return outcome
  return {
    ...outcome,
    message: `${name} ended its turn by itself, as some agents do after a denied permission request.`,
  }
}

const CANCELLED: AgentOutcome = { outcome: 'cancelled', message: null }
const nothing = (): void => undefined

async function failure(
  error: unknown,
  { kind, channel, graceMs, signal }: DriveOptions,
  account: Account,
  connection: AgentConnection,
): Promise<AgentOutcome> {
  account.check()
  if (error instanceof AgentFault) return failed(error.message)
  if (error instanceof RequestError && kind.turnsUsedUp?.test(error.message) === true)
    return { outcome: 'max_turn_requests', message: null }
  if (error instanceof RequestError) return failed(`${kind.name} answered with an error: ${told(error)}`)
  if (signal.aborted) return CANCELLED
  if (connection.ended)
    return failed(
      `${kind.name} closed its standard output before its turn was over. ${await exitHint(kind, channel, graceMs)}`,
    )
  // All other errors: writing to the agent failed.
  const why = error instanceof Error ? error.message : String(error)
  return failed(`Writing to ${kind.name} failed: ${why}. ${await exitHint(kind, channel, graceMs)}`)
}

function failed(message: string): AgentOutcome {
  return { outcome: 'failed', message }
}

/** Attacker-controlled. */
function told({ message, data }: RequestError): string {
  const details = (data as { details?: unknown } | null | undefined)?.details
  const text = typeof details === 'string' && details !== message ? `${message} (${details})` : message
  return text.length > 1000 ? `${text.slice(0, 1000)} ...` : text
}

/** Ends the agent's input and reads its last messages: some agents report the end of a call after their turn. */
async function leave({ channel, graceMs }: DriveOptions, account: Account, connection: AgentConnection): Promise<void> {
  connection.stopDeciding()
  void channel.end().catch(nothing)
  await within(connection.over, Math.min(graceMs, LEAVE_MS), nothing)
  connection.close()
  account.check()
}
