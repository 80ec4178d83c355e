// Fake agents for tests of the runner: nothing runs, and the test supplies their statements.
import type { AgentFact, AgentKind, AgentOutcome, AgentRegistry, DriveAgent, PermissionRequest } from './types.ts'

export interface FakeTurn {
  /** Recorded in order. The host decides on each `agent.asked` among them. */
  facts?: readonly AgentFact[]
  outcome?: AgentOutcome
}

/** Plays the turns one after the other, and collects the prompts and the host's answers. */
export interface FakeDrive {
  drive: DriveAgent
  prompts: string[]
  permits: boolean[]
}

export function fakeDrive(turns: readonly FakeTurn[]): FakeDrive {
  const prompts: string[] = []
  const permits: boolean[] = []
  const drive: DriveAgent = async ({ kind, host, prompt, signal, model }) => {
    const { facts = [], outcome = { outcome: 'end_turn', message: null } } = turns[prompts.length] ?? {}
    prompts.push(prompt)
    await host.record({ kind: 'agent.started', body: startedBy(kind, model) })
    for (const fact of facts) {
      await host.record(fact)
      if (fact.kind === 'agent.asked') permits.push(await host.permit(requestOf(fact.body)).catch(() => false))
    }
    const final: AgentOutcome = signal.aborted ? { outcome: 'cancelled', message: null } : outcome
    const toolCalls = facts.filter((fact) => fact.kind === 'agent.tool-called').length
    await host.record({ kind: 'agent.ended', body: { ...final, toolCalls } })
    return final
  }
  return { drive, prompts, permits }
}

export function fakeAgent(name = 'fake'): AgentKind {
  return {
    name,
    title: 'Fake agent',
    protocol: 'acp',
    wires: ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini'],
    installHint: 'nothing to install',
    program: null,
    launch: ({ cwd }) => ({ argv: ['true'], env: { FAKE_AGENT_CWD: cwd }, files: [], stdin: null }),
  }
}

export function fakeRegistry(kinds: readonly AgentKind[]): AgentRegistry {
  return { names: kinds.map(({ name }) => name), get: (name) => kinds.find((kind) => kind.name === name) ?? null }
}

function startedBy({ name, title }: AgentKind, { connection, model }: { connection: string; model: string }) {
  return { agent: name, title, version: '0', protocol: 'acp 1', session: 'fake', connection, model }
}

function requestOf(body: Extract<AgentFact, { kind: 'agent.asked' }>['body']): PermissionRequest {
  const { ask, call, title, tool, paths, command } = body
  const text = (value: typeof title): string => (typeof value === 'string' ? value : value.base64)
  return {
    ask,
    call,
    title: text(title),
    tool,
    paths: paths.map(text),
    command: command === null ? null : text(command),
    complete: true,
  }
}
