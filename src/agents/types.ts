// How an agent is started inside a sandbox (AgentKind) and led through one prompt over its standard streams (drive).
import type { Wire } from '../domain/connection.ts'
import type { EventBody, EventKind } from '../domain/event.ts'

/** What an agent is told about its model. Everything in here is for the inside of a sandbox and no secret. */
export interface ModelAddress {
  connection: string
  model: string
  wire: Wire
  /** Base URL inside the sandbox, without a version, e.g. `http://127.0.0.1:8118/models/main`. */
  url: string
  /** What the client is given as its key; the gateway puts the real one in its place. */
  dummyKey: string
}

export interface LaunchOptions {
  model: ModelAddress
  /** Folder inside where the agent's package is shown, read-only; null where it is part of the sandbox's root. */
  folder: string | null
  /** Writable home of the agent inside the sandbox. */
  home: string
  cwd: string
  maxTurns: number
  /** For plain agents: the whole prompt, given as an argument or on standard input. */
  prompt: string
}

export interface Launch {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  /** Written inside before it starts; below `home`. */
  files: readonly { target: string; content: string }[]
  /** plain: what goes to standard input; null: nothing. */
  stdin: string | null
}

/** One agent that can be named in a task. */
export interface AgentKind {
  readonly name: string
  readonly title: string
  /** acp: spoken to over the Agent Client Protocol. plain: one command, prompt in, output out. */
  readonly protocol: 'acp' | 'plain'
  /** What it can speak, best first. */
  readonly wires: readonly Wire[]
  /** A command that installs it into `<folder>`, for messages. */
  readonly installHint: string
  /** Program relative to its folder that must be there, for probes; null: looked up on PATH inside. */
  readonly program: string | null
  launch(options: LaunchOptions): Launch
  /** plain: makes facts of the lines of standard output, where the agent has a stream of JSON events. */
  readLine?(line: string): readonly AgentFact[]
}

export type AgentEventKind = Extract<EventKind, `agent.${string}`>

/** What becomes an event with `source: agent`, but for the step, which the runner knows. */
export type AgentFact = { [K in AgentEventKind]: { kind: K; body: Omit<EventBody<K>, 'step'> } }[AgentEventKind]

/** An agent's standard streams. */
export interface AgentChannel {
  /** Resolves when the guest has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends standard input. */
  end(): Promise<void>
  /** Standard output, in pieces as they come; ends when the process does. */
  readonly output: AsyncIterable<Uint8Array>
}

export interface PermissionRequest {
  ask: string
  call: string
  title: string
  tool: string
  paths: readonly string[]
  command: string | null
  /** The answers that the agent offers, where its protocol has them; a person sees them and says yes or no. */
  options?: readonly { id: string; name: string; kind: string }[]
}

/** What the runner does for whoever drives an agent. */
export interface AgentHost {
  /** Resolves when the fact is durable, in order. What the kernel saw before it is on the record by then. */
  record(fact: AgentFact): Promise<void>
  /** Keeps bytes as a blob. */
  keep(bytes: Uint8Array): Promise<`sha256:${string}`>
  /** Policy, or a person, decides. Never rejects; false when the run ends first. The request is recorded before. */
  permit(request: PermissionRequest): Promise<boolean>
  newId(): string
}

export interface DriveOptions {
  kind: AgentKind
  channel: AgentChannel
  host: AgentHost
  model: ModelAddress
  cwd: string
  prompt: string
  signal: AbortSignal
  /** How long a cancelled agent may take to end its turn, and any agent to answer the first question. Milliseconds. */
  graceMs: number
  startMs: number
}

export interface AgentOutcome {
  outcome: EventBody<'agent.ended'>['outcome']
  /** What went wrong, in a sentence; null otherwise. */
  message: string | null
}

/** Leads an agent through one prompt. Resolves also when the agent misbehaves; rejects only when the record fails. */
export type DriveAgent = (options: DriveOptions) => Promise<AgentOutcome>

/** The agents that a task may name. */
export interface AgentRegistry {
  get(name: string): AgentKind | null
  readonly names: readonly string[]
}
