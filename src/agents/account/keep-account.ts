// Records an agent's statements as events, one after the other and within bounds.
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import type { AgentFact, AgentOutcome, CallNews, DriveOptions, PermissionRequest, Statement } from '../types.ts'
import { fitName, fitPaths, fitText } from './fit-text.ts'
import { gatherText } from './said-text.ts'
import { toolCalls } from './tool-calls.ts'
import type { KnownCall } from './tool-calls.ts'

export interface AskOption {
  id: string
  name: string
  kind: string
}

export interface StartedFields {
  title: string
  version: string
  protocol: string
  session: string
  connection: string
  model: string
}

/** Each method resolves once its facts are recorded. Facts are recorded in the order of the calls. */
export interface Account {
  started(fields: StartedFields): Promise<void>
  hear(statement: Exclude<Statement, { said: 'started' | 'ended' }>): Promise<void>
  /** Records that the agent asks for permission, and returns the request to decide on. */
  asked(call: CallNews, options: readonly AskOption[]): Promise<PermissionRequest>
  refused(method: string): Promise<void>
  /** Must be the last call: later facts are not recorded. Returns the outcome as recorded. */
  ended(outcome: AgentOutcome): Promise<AgentOutcome>
  /** Throws the error if a fact could not be recorded or a request could not be decided. */
  check(): void
  /** Reports a failure of the platform; check() throws it from now on. */
  fail(error: unknown): void
}

const TITLE_BYTES = 1024
const TEXT_BYTES = 8 * 1024
const MAX_ENTRIES = 40
const ENTRY_BYTES = 1024
const MAX_OPTIONS = 8

export function keepAccount({ kind, host, cwd }: DriveOptions, bounds: Bounds): Account {
  const agent = kind.name
  const texts = gatherText(bounds)
  const calls = toolCalls(agent, cwd, bounds)
  let facts = 0
  let kept = 0
  let closed = false
  let lost: { error: unknown } | null = null
  let last: Promise<unknown> = Promise.resolve()
  let plan = ''

  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }

  async function record(fact: AgentFact): Promise<void> {
    if (closed) return
    if (++facts > bounds.facts && fact.kind !== 'agent.ended')
      throw new AgentFault(
        `${agent} exceeded the limit of ${bounds.facts} recorded entries per step; split the task into smaller steps`,
      )
    await guarded(() => host.record(fact))
  }

  async function keep(text: string | null): Promise<`sha256:${string}` | null> {
    if (text === null || closed) return null
    const bytes = Buffer.from(text)
    kept += bytes.length
    if (kept > bounds.keptBytes)
      throw new AgentFault(
        `${agent} exceeded the limit of ${bounds.keptBytes} stored bytes per step; split the task into smaller steps`,
      )
    return guarded(() => host.keep(bytes))
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    check()
    try {
      return await work()
    } catch (error) {
      fail(error)
      throw error
    }
  }

  function fail(error: unknown): void {
    lost ??= { error }
  }

  function check(): void {
    if (lost !== null) throw lost.error
  }

  async function say(said: { kind: 'message' | 'thought'; text: string } | null): Promise<void> {
    if (said === null) return
    const { text, bytes, whole } = fitText(said.text, TEXT_BYTES)
    const blob = whole ? null : await keep(said.text)
    await record({ kind: 'agent.messaged', body: { kind: said.kind, text, bytes, blob } })
  }

  /** Records the last text. It may exceed a bound, too; then the outcome is `failed`. */
  async function flush(outcome: AgentOutcome): Promise<AgentOutcome> {
    try {
      await say(texts.take())
      return outcome
    } catch (error) {
      if (!(error instanceof AgentFault)) throw error
      return outcome.outcome === 'failed' ? outcome : { outcome: 'failed', message: error.message }
    }
  }

  async function lay(entries: readonly { content: string; status: string; priority: string }[]): Promise<void> {
    const shown = entries.slice(0, MAX_ENTRIES).map(({ content, status, priority }) => ({
      content: fitText(content, ENTRY_BYTES).text,
      status: fitName(status, 40),
      priority: fitName(priority, 40),
    }))
    const seen = JSON.stringify(shown)
    if (seen === plan) return
    plan = seen
    await say(texts.take())
    await record({ kind: 'agent.planned', body: { entries: shown, omitted: entries.length - shown.length } })
  }

  /** `settled`: the agent waits for an answer, so all that is known about the call is recorded now. */
  async function call(news: CallNews, settled: boolean): Promise<KnownCall> {
    const { call: known, first, changed, output: outputJson } = calls.hear(news)
    if (!first && !changed && !(settled && known.held !== null)) return known
    await say(texts.take())
    const input = await keep(known.held)
    known.held = null
    const told = describe(known)
    const { status } = known
    if (first) await record({ kind: 'agent.tool-called', body: { ...told, input } })
    if (first && status === 'pending') return known
    const output = await keep(outputJson)
    await record({ kind: 'agent.tool-updated', body: { ...told, status, input: first ? null : input, output } })
    return known
  }

  return {
    check,
    fail,
    started: (fields) =>
      inOrder(() =>
        record({
          kind: 'agent.started',
          body: {
            agent,
            title: fitName(fields.title, 100),
            version: fitName(fields.version, 100),
            protocol: fields.protocol,
            session: fitName(fields.session, 200),
            connection: fields.connection,
            model: fields.model,
          },
        }),
      ),
    hear: (statement) =>
      inOrder(async () => {
        if (statement.said === 'text') for (const complete of texts.add(statement)) await say(complete)
        if (statement.said === 'plan') await lay(statement.entries)
        if (statement.said === 'call') await call(statement.call, false)
      }),
    asked: (news, options) =>
      inOrder(async () => {
        const known = await call(news, true)
        const ask = host.newId()
        const told = describe(known)
        const offered = options
          .slice(0, MAX_OPTIONS)
          .map(({ id, name, kind }) => ({ id: fitName(id, 200), name: name.slice(0, 200), kind: fitName(kind, 40) }))
        const shown = offered.map(({ id, name, kind }) => ({ id, name: fitText(name, 200).text, kind }))
        await record({ kind: 'agent.asked', body: { ask, ...told, options: shown } })
        return {
          ask,
          call: known.id,
          title: known.title,
          tool: known.tool,
          paths: [...known.paths],
          command: known.command,
          complete: known.missed === 0,
          options: offered,
        }
      }),
    refused: (method) => inOrder(() => record({ kind: 'agent.refused', body: { method: fitName(method, 100) } })),
    ended: (outcome) =>
      inOrder(async () => {
        const final = await flush(outcome)
        await record({ kind: 'agent.ended', body: { ...final, toolCalls: calls.count } })
        closed = true
        return final
      }),
  }
}

function describe({ id, title, tool, paths, missed, command }: KnownCall) {
  const fitted = fitPaths([...paths])
  return {
    call: id,
    title: fitText(title, TITLE_BYTES).text,
    tool,
    paths: fitted.paths,
    omitted: fitted.omitted + missed,
    command: command === null ? null : fitText(command, TEXT_BYTES).text,
  }
}
