// The tool calls that an agent announced, each with the time window in which it was active.
import type { ByteText } from '../byte-text.ts'
import type { Event } from '../event.ts'
import { AnnouncedPaths, pathKey, resolvePath } from './match-path.ts'

export interface Call {
  index: number
  id: string
  title: ByteText
  tool: string
  command: ByteText | null
  paths: ByteText[]
  /** The id of each of `paths` in AnnouncedPaths, in the same order. */
  pathIds: Set<number>
  status: string
  open: number
  /** Infinity if the call was never reported as done. */
  close: number
  /** Whether the call asked for permission and so must not start before `decided`. */
  held: boolean
  /** Infinity if the request was not decided. */
  decided: number
  denied: boolean
}

export type Boundary = { seq: number; kind: 'open' | 'decide' | 'close'; call: Call }

type Told = Extract<Event, { kind: 'agent.tool-called' | 'agent.tool-updated' | 'agent.asked' }>
const FINAL = ['completed', 'failed']

/** Builds the calls from the events of one agent step, in order. */
export class CallList {
  readonly calls: Call[] = []
  readonly boundaries: Boundary[] = []
  readonly announced = new AnnouncedPaths()
  readonly #current = new Map<string, Call>()
  readonly #asks = new Map<string, Call>()
  readonly #folder: string

  /** `folder`: the base of relative paths. */
  constructor(folder: string) {
    this.#folder = folder
  }

  told(event: Told): void {
    const { call: id } = event.body
    const known = this.#current.get(id)
    const isOpen = known !== undefined && known.close === Infinity
    if (event.kind === 'agent.tool-updated') {
      if (known === undefined) return
      this.#merge(known, event.body)
      known.status = event.body.status
      if (isOpen && FINAL.includes(event.body.status)) this.#close(known, event.seq)
      return
    }
    const call = isOpen ? known : this.#open(event)
    this.#merge(call, event.body)
    if (event.kind !== 'agent.asked') return
    call.held = true
    call.decided = Infinity
    call.denied = false
    this.#asks.set(event.body.ask, call)
  }

  decided({ seq, body }: Extract<Event, { kind: 'ask.decided' }>): void {
    const call = this.#asks.get(body.ask)
    if (!call) return
    call.decided = seq
    call.denied = body.outcome === 'denied'
    this.boundaries.push({ seq, kind: 'decide', call })
  }

  #open({ seq, body }: Exclude<Told, { kind: 'agent.tool-updated' }>): Call {
    const call: Call = {
      index: this.calls.length,
      id: body.call,
      title: body.title,
      tool: body.tool,
      command: null,
      paths: [],
      pathIds: new Set(),
      status: 'pending',
      open: seq,
      close: Infinity,
      held: false,
      decided: Infinity,
      denied: false,
    }
    this.calls.push(call)
    this.#current.set(body.call, call)
    this.boundaries.push({ seq, kind: 'open', call })
    return call
  }

  #close(call: Call, seq: number): void {
    call.close = seq
    this.boundaries.push({ seq, kind: 'close', call })
  }

  /** An agent may announce a call first and name its command or paths later. */
  #merge(call: Call, { command, paths }: Pick<Told['body'], 'command' | 'paths'>): void {
    call.command = command ?? call.command
    for (const path of paths) {
      const id = this.announced.add(resolvePath(pathKey(path), this.#folder))
      if (call.pathIds.has(id)) continue
      call.pathIds.add(id)
      call.paths.push(path)
    }
  }
}

const LOOKS = new Set(['read', 'search'])
/** Kinds of tools that announce work on files or none; they do not announce a program. */
const NO_PROGRAM = new Set(['read', 'edit', 'delete', 'move', 'think'])
/** Kinds of tools that announce a program or a download; they do not announce file access by the agent itself. */
const NO_FILES = new Set(['execute', 'fetch', 'think'])

/**
 * Whether a process may belong to the call just because it started in its window. A call with a command needs a match.
 */
export function takesProcesses({ command, tool }: Call): boolean {
  return command === null && !NO_PROGRAM.has(tool)
}

/** Whether a file access of the agent's own process may belong to the call just because of its window. */
export function takesFiles({ command, tool, paths }: Call, access: 'look' | 'touch'): boolean {
  if (command !== null || paths.length > 0 || NO_FILES.has(tool)) return false
  return access === 'look' || !LOOKS.has(tool)
}

/** Whether the call's tool announces that kind of access. */
export function announces({ tool }: Call, access: 'look' | 'touch'): boolean {
  return access === 'look' || !LOOKS.has(tool)
}

export function onlyLooks({ tool }: Call): boolean {
  return LOOKS.has(tool)
}

/** Whether an action of the call at `seq` came before the permission that the call asked for, or despite its denial. */
export function isEarly(call: Call, seq: number, access: 'look' | 'touch' | 'run'): boolean {
  if (!call.held) return false
  // An agent reads a file before it asks for permission to edit it, to show the change.
  if (access === 'look' && !LOOKS.has(call.tool)) return false
  return call.denied || seq < call.decided
}
