// How an agent is started inside a sandbox (AgentKind) and led through one prompt over its standard streams (drive).
import type { Wire } from '../domain/connections/model-connection.ts'
import type { EventBody, EventKind } from '../domain/event.ts'
import type { Habits } from '../domain/said-did/habits.ts'

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
  /** acp: how its session is opened, where the agent's own defaults do not suit. */
  opening?: SessionOpening
}

export interface SessionOpening {
  /** Ids of ways to sign in that need no person, best first. Used only when the agent demands that somebody signs in. */
  signIn?: readonly string[]
  /** Id of the mode to work in. An agent that does not offer it is not used. */
  mode?: string
  /** What goes along with `session/new` as `_meta`. */
  meta?: Readonly<Record<string, unknown>>
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
  /** It ends by itself when it has asked its model as often as it may. For the others the gateway counts. */
  readonly countsTurns?: boolean
  launch(options: LaunchOptions): Launch
  /** What it does in a session of its own accord, seen in the version that `installHint` names. */
  readonly habits?: Habits
  /**
   * acp: whether a session/update says that the turn failed, for agents that answer the prompt as if it had not; null:
   * it says nothing about that. Never throws.
   */
  saysFailed?(update: unknown): boolean | null
  /** acp: an error in place of an answer to the prompt that says no more than that its turns are used up. */
  readonly turnsUsedUp?: RegExp
  /** plain: what a line of standard output says, where the agent has a stream of JSON events. Never throws. */
  readLine?(line: string): readonly Statement[]
}

export type ToolKind = 'read' | 'edit' | 'delete' | 'move' | 'search' | 'execute' | 'think' | 'fetch' | 'other'
export type CallStatus = EventBody<'agent.tool-updated'>['status']

/** What is new about a tool call; what is left out stays as it was. */
export interface CallNews {
  id: string
  title?: string | undefined
  tool?: ToolKind | undefined
  /** Added to those that are known. */
  paths?: readonly string[] | undefined
  command?: string | undefined
  input?: unknown
  status?: CallStatus | undefined
  output?: unknown
}

/** Something that an agent said, without bounds yet. All of it is attacker-controlled. */
export type Statement =
  | { said: 'started'; session: string; version: string | null }
  /** `message` tells apart what is not to be put together; pieces of one message have the same. */
  | { said: 'text'; kind: 'message' | 'thought'; text: string; message: string | null }
  | { said: 'plan'; entries: readonly { content: string; status: string; priority: string }[] }
  | { said: 'call'; call: CallNews }
  | { said: 'ended'; outcome: AgentOutcome['outcome']; message: string | null }

export type AgentEventKind = Extract<EventKind, `agent.${string}`>

/** What becomes an event with `source: agent`, but for the step, which the runner knows. */
export type AgentFact = { [K in AgentEventKind]: { kind: K; body: Omit<EventBody<K>, 'step'> } }[AgentEventKind]

/** An agent's standard streams. */
export interface AgentChannel {
  /** Resolves when the guest has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends standard input. */
  end(): Promise<void>
  /** Standard output, in pieces as they come; ends when it is closed, at the latest when the process ends. */
  readonly output: AsyncIterable<Uint8Array>
  /** Resolves when the process has ended, with how. Never rejects. */
  readonly ended: Promise<AgentExit>
}

/** `status` is the exit code, or the number of the signal. */
export interface AgentExit {
  signalled: boolean
  status: number
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
  /** false: the agent named more files than are here. Nobody could judge that, so the answer has to be no. */
  complete: boolean
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
  /** What it was started with. */
  launch: Launch
  channel: AgentChannel
  host: AgentHost
  model: ModelAddress
  cwd: string
  prompt: string
  /** Cancels the turn. The process is the runner's to end, when the promise of the drive has settled. */
  signal: AbortSignal
  /** How long a cancelled agent may take to end its turn, and any agent to answer each question before the prompt. Milliseconds. */
  graceMs: number
  startMs: number
}

export interface AgentOutcome {
  outcome: EventBody<'agent.ended'>['outcome']
  /** What went wrong, in a sentence; null otherwise. */
  message: string | null
}

/**
 * Leads an agent through one prompt, and records it from `agent.started` (once its session is open) to `agent.ended`
 * (always, and last). Resolves also when the agent misbehaves; rejects only when the record fails.
 */
export type DriveAgent = (options: DriveOptions) => Promise<AgentOutcome>

/** What makes an agent's package visible inside. */
export interface InstalledAgent {
  /** Read-only. */
  mounts: readonly { source: string; target: string }[]
  /** Folder inside; null where it is part of the sandbox's root, as in an image that has it. */
  folder: string | null
  /** The kind's, with the folder on this host where runs look for it; for messages. */
  installHint: string
}

/** The agents that a task may name. */
export interface AgentRegistry {
  get(name: string): AgentKind | null
  readonly names: readonly string[]
}
