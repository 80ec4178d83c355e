// Drives a plain agent: one command that gets the prompt and prints its output. JSON events in its output become facts;
// the runner keeps the other lines.
import { keepAccount } from '../account/keep-account.ts'
import type { Account } from '../account/keep-account.ts'
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import { exitHint } from '../exit-hint.ts'
import { readLines } from '../read-lines.ts'
import type { AgentOutcome, DriveOptions, Statement } from '../types.ts'
import { unlessAborted, within } from '../within.ts'

type Verdict = Omit<Extract<Statement, { said: 'ended' }>, 'said'>

export async function drivePlain(options: DriveOptions, bounds: Bounds): Promise<AgentOutcome> {
  const { signal } = options
  const account = keepAccount(options, bounds)
  const hearing = hear(options, account, bounds)
  const heard = await unlessAborted(
    settle(hearing).then((result) => ({ result })),
    signal,
  )
  let outcome: AgentOutcome
  if (heard === null) {
    // A plain agent cannot be told to stop; the runner ends the process.
    outcome = { outcome: 'cancelled', message: null }
  } else outcome = await conclude(options, account, heard.result)
  const final = await account.ended(outcome)
  account.check()
  return final
}

/** Reads all output; resolves with the outcome that the agent itself reported, or null. */
async function hear(options: DriveOptions, account: Account, bounds: Bounds): Promise<Verdict | null> {
  const { kind, channel } = options
  const start = starter(options, account)
  if (kind.readLine === undefined) await start(null)
  const fed = feed(options)
  let verdict: Verdict | null = null
  let lines = 0
  for await (const line of readLines(channel.output, bounds.lineBytes)) {
    if (++lines > bounds.messages)
      throw new AgentFault(`${kind.name} printed more than ${bounds.messages} lines; split the task into smaller steps`)
    // An overlong line is kept as output, but not parsed.
    for (const statement of line === null ? [] : (kind.readLine?.(Buffer.from(line).toString()) ?? [])) {
      await start(statement)
      if (statement.said === 'ended') verdict = { outcome: statement.outcome, message: statement.message }
      else if (statement.said !== 'started') await account.hear(statement)
    }
  }
  await start(null)
  await within(fed, options.graceMs, () => undefined)
  return verdict
}

/** Records the start once, with the session and version if the agent reports them first. */
function starter({ kind, model }: DriveOptions, account: Account): (statement: Statement | null) => Promise<void> {
  let started = false
  return async (statement) => {
    if (started) return
    started = true
    const said = statement?.said === 'started' ? statement : null
    await account.started({
      title: kind.title,
      version: said?.version ?? 'unknown',
      session: said?.session ?? '',
      protocol: 'plain',
      connection: model.connection,
      model: model.model,
    })
  }
}

/** Never rejects: a command that does not read its input may end before it has taken it all. */
async function feed({ channel, launch }: DriveOptions): Promise<void> {
  try {
    if (launch.stdin !== null) await channel.write(Buffer.from(launch.stdin))
    await channel.end()
  } catch {
    // The exit of the command shows whether the missing input mattered.
  }
}

type Settled = { verdict: Verdict | null } | { error: unknown }

async function settle(hearing: Promise<Verdict | null>): Promise<Settled> {
  try {
    return { verdict: await hearing }
  } catch (error) {
    return { error }
  }
}

async function conclude(
  { kind, channel, graceMs }: DriveOptions,
  account: Account,
  settled: Settled,
): Promise<AgentOutcome> {
  account.check()
  if ('error' in settled) {
    const { error } = settled
    if (error instanceof AgentFault) return { outcome: 'failed', message: error.message }
    const why = error instanceof Error ? error.message : String(error)
    return { outcome: 'failed', message: `The connection to ${kind.name} broke: ${why}` }
  }
  const { verdict } = settled
  const exit = await within(channel.ended, graceMs, () => null)
  const clean = exit !== null && !exit.signalled && exit.status === 0
  if (verdict !== null && (verdict.outcome !== 'end_turn' || clean)) return verdict
  if (clean) return { outcome: 'end_turn', message: null }
  return { outcome: 'failed', message: `${kind.name} did not finish. ${await exitHint(kind, channel, graceMs)}` }
}
