// The tool calls that an agent announced, with the moments between which they were at work.
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
  /** Of each of `paths`, in the same order: its id among the announced ones. */
  pathIds: Set<number>
  status: string
  open: number
  /** Infinity: never reported as done. */
  close: number
  /** It asked for permission, so that it did not begin before `decided`. */
  held: boolean
  /** Infinity: not decided. */
  decided: number
  denied: boolean
}

export type Boundary = { seq: number; kind: 'open' | 'decide' | 'close'; call: Call }

type Told = Extract<Event, { kind: 'agent.tool-called' | 'agent.tool-updated' | 'agent.asked' }>
const FINAL = ['completed', 'failed']

/** Takes the events of one agent step in order. */
export class CallList {
  readonly calls: Call[] = []
  readonly boundaries: Boundary[] = []
  readonly announced = new AnnouncedPaths()
  readonly #current = new Map<string, Call>()
  readonly #asks = new Map<string, Call>()
  readonly #folder: string

  /** `folder` is where relative paths start. */
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

  /** A call may be announced first and said to be about something later. */
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
/** They say that they work on files, or on nothing; a program is not what they announce. */
const NO_PROGRAM = new Set(['read', 'edit', 'delete', 'move', 'think'])
/** They say that they run or fetch something; files in the agent's own hands are not what they announce. */
const NO_FILES = new Set(['execute', 'fetch', 'think'])

/** Whether its window alone may claim a process. A call with a command is known by its command. */
export function takesProcesses({ command, tool }: Call): boolean {
  return command === null && !NO_PROGRAM.has(tool)
}

/** Whether its window alone may claim what the agent's own process does to a file. */
export function takesFiles({ command, tool, paths }: Call, access: 'look' | 'touch'): boolean {
  if (command !== null || paths.length > 0 || NO_FILES.has(tool)) return false
  return access === 'look' || !LOOKS.has(tool)
}

/** Whether it announced that kind of access at all. */
export function announces({ tool }: Call, access: 'look' | 'touch'): boolean {
  return access === 'look' || !LOOKS.has(tool)
}

export function onlyLooks({ tool }: Call): boolean {
  return LOOKS.has(tool)
}

/** Whether something of this call, seen at `seq`, came before a permission that it had asked for, or against its denial. */
export function isEarly(call: Call, seq: number, access: 'look' | 'touch' | 'run'): boolean {
  if (!call.held) return false
  // To show what it wants to edit, an agent reads the file before it asks.
  if (access === 'look' && !LOOKS.has(call.tool)) return false
  return call.denied || seq < call.decided
}
