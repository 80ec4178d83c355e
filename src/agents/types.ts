// The interfaces for agents: how one is started inside a sandbox (AgentKind), and how it is driven through one prompt
// over its standard streams (DriveAgent).
import type { Wire } from '../domain/connections/model-connection.ts'
import type { EventBody, EventKind } from '../domain/event.ts'
import type { Habits } from '../domain/said-did/habits.ts'

/** The model settings of an agent. They are visible inside the sandbox and contain no secret. */
export interface ModelAddress {
  connection: string
  model: string
  wire: Wire
  /** Base URL inside the sandbox, without a version, e.g. `http://127.0.0.1:8118/models/main`. */
  url: string
  /** The key that the agent gets; the gateway replaces it with the real one. */
  dummyKey: string
}

export interface LaunchOptions {
  model: ModelAddress
  /**
   * Folder inside the sandbox with the agent's package, read-only; null if the package is part of the sandbox's root.
   */
  folder: string | null
  /** Writable home of the agent inside the sandbox. */
  home: string
  cwd: string
  maxTurns: number
  /** The whole prompt. Plain agents get it as an argument or on standard input. */
  prompt: string
}

export interface Launch {
  argv: readonly string[]
  env: Readonly<Record<string, string>>
  /** Files below `home`, written inside the sandbox before the agent starts. */
  files: readonly { target: string; content: string }[]
  /** plain: the text for standard input; null for none. */
  stdin: string | null
  /** acp: settings of the session that differ from the agent's defaults. */
  opening?: SessionOpening
}

export interface SessionOpening {
  /** Ids of sign-in methods that need no person, best first. Used only if the agent requires a sign-in. */
  signIn?: readonly string[]
  /** Id of the mode to work in. An agent that does not offer this mode fails. */
  mode?: string
  /** `_meta` of the `session/new` request. */
  meta?: Readonly<Record<string, unknown>>
}

/** An agent that a task can name. */
export interface AgentKind {
  readonly name: string
  readonly title: string
  /** acp: driven over the Agent Client Protocol. plain: one command that gets the prompt and prints its output. */
  readonly protocol: 'acp' | 'plain'
  /** The wire APIs that the agent supports, best first. */
  readonly wires: readonly Wire[]
  /** A command that installs the agent into `<folder>`, for messages. */
  readonly installHint: string
  /** Path of the program below the agent's folder, for probes; null: the program is looked up on PATH inside. */
  readonly program: string | null
  /** Whether the agent itself stops after `maxTurns` model calls. For other agents the gateway counts them. */
  readonly countsTurns?: boolean
  launch(options: LaunchOptions): Launch
  /** Actions that the agent takes by itself in a session, observed in the version that `installHint` names. */
  readonly habits?: Habits
  /**
   * acp: whether a session/update reports that the turn failed, for agents whose prompt response hides the failure;
   * null if the update does not tell. Never throws.
   */
  saysFailed?(update: unknown): boolean | null
  /** acp: matches an error response to the prompt that only means that all turns are used up. */
  readonly turnsUsedUp?: RegExp
  /** plain: reads a line of standard output, for agents that print JSON events. Never throws. */
  readLine?(line: string): readonly Statement[]
}

export type ToolKind = 'read' | 'edit' | 'delete' | 'move' | 'search' | 'execute' | 'think' | 'fetch' | 'other'
export type CallStatus = EventBody<'agent.tool-updated'>['status']

/** An update of a tool call. Omitted fields stay unchanged. */
export interface CallNews {
  id: string
  title?: string | undefined
  tool?: ToolKind | undefined
  /** Added to the known paths. */
  paths?: readonly string[] | undefined
  command?: string | undefined
  input?: unknown
  status?: CallStatus | undefined
  output?: unknown
}

/** A statement of an agent, not yet bounded. All of it is attacker-controlled. */
export type Statement =
  | { said: 'started'; session: string; version: string | null }
  /** `message`: the id of the message; pieces with the same id are joined. */
  | { said: 'text'; kind: 'message' | 'thought'; text: string; message: string | null }
  | { said: 'plan'; entries: readonly { content: string; status: string; priority: string }[] }
  | { said: 'call'; call: CallNews }
  | { said: 'ended'; outcome: AgentOutcome['outcome']; message: string | null }

export type AgentEventKind = Extract<EventKind, `agent.${string}`>

/** The kind and body of an event with `source: agent`, without the step, which the runner adds. */
export type AgentFact = { [K in AgentEventKind]: { kind: K; body: Omit<EventBody<K>, 'step'> } }[AgentEventKind]

/** An agent's standard streams. */
export interface AgentChannel {
  /** Resolves when the guest has received the bytes. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends standard input. */
  end(): Promise<void>
  /** Standard output, in chunks as they arrive; ends when it is closed, at the latest when the process ends. */
  readonly output: AsyncIterable<Uint8Array>
  /** Resolves with the exit when the process has ended. Never rejects. */
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
  /** The answers that the agent offers, if its protocol has them. A person sees them, but only says yes or no. */
  options?: readonly { id: string; name: string; kind: string }[]
  /** false: the agent named more files than `paths` holds. Nobody can judge such a request, so it must be denied. */
  complete: boolean
}

/** The services of the runner for DriveAgent. */
export interface AgentHost {
  /** Resolves when the fact is durable, in order. By then everything that the kernel saw before it is recorded. */
  record(fact: AgentFact): Promise<void>
  /** Stores bytes as a blob. */
  keep(bytes: Uint8Array): Promise<`sha256:${string}`>
  /**
   * Lets policy or a person decide. Never rejects; false if the run ends first. The caller has recorded the request.
   */
  permit(request: PermissionRequest): Promise<boolean>
  newId(): string
}

export interface DriveOptions {
  kind: AgentKind
  /** The launch that started the agent. */
  launch: Launch
  channel: AgentChannel
  host: AgentHost
  model: ModelAddress
  cwd: string
  prompt: string
  /** Cancels the turn. The runner ends the process once the promise of DriveAgent has settled. */
  signal: AbortSignal
  /** How long a cancelled agent may take to end its turn. */
  graceMs: number
  /** How long an agent may take to answer each request before the prompt. */
  startMs: number
}

export interface AgentOutcome {
  outcome: EventBody<'agent.ended'>['outcome']
  /** A sentence that describes the failure; null without one. */
  message: string | null
}

/**
 * Drives an agent through one prompt, and records it from `agent.started` (once its session is open) to `agent.ended`
 * (always, and last). Resolves even if the agent misbehaves; rejects only if recording fails.
 */
export type DriveAgent = (options: DriveOptions) => Promise<AgentOutcome>

/** The mounts that make an agent's package visible inside a sandbox. */
export interface InstalledAgent {
  /** Read-only. */
  mounts: readonly { source: string; target: string }[]
  /** Folder inside the sandbox; null if the package is part of the sandbox's root, as in an image. */
  folder: string | null
  /** `installHint` of the kind, with the folder on this host where runs look for the agent; for messages. */
  installHint: string
}

/** The agents that a task may name. */
export interface AgentRegistry {
  get(name: string): AgentKind | null
  readonly names: readonly string[]
}
