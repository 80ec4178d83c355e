// The state of each tool call. An agent reports a call in several updates; an event holds everything reported so far.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import type { CallNews, CallStatus, ToolKind } from '../types.ts'
import { commandIn, pathsIn } from './read-input.ts'

export interface KnownCall {
  /** The id as recorded. */
  id: string
  title: string
  tool: ToolKind
  paths: Set<string>
  /** Number of paths over the bound, which are not stored. */
  missed: number
  command: string | null
  status: CallStatus
  /** SHA-256 of the last input, as JSON. */
  inputHash: string | null
  /** The last input, if it is not recorded yet: some agents send it word by word. */
  held: string | null
}

export interface Heard {
  call: KnownCall
  first: boolean
  /** Whether the update deserves an event. */
  changed: boolean
  output: string | null
}

export interface ToolCalls {
  hear(news: CallNews): Heard
  readonly count: number
}

export const KNOWN_PATHS = 1000
/** Longest input held back, in characters; longer input is recorded at once, so that memory stays bounded. */
const HELD = 64 * 1024

/** `cwd`: the working directory of the session, against which relative paths are resolved. */
export function toolCalls(agent: string, cwd: string, bounds: Bounds): ToolCalls {
  const open = new Map<string, KnownCall>()
  /** For finished calls only id and status are kept, so that memory stays bounded. */
  const over = new Map<string, CallStatus>()

  function begin({ id }: CallNews): KnownCall {
    if (open.size + over.size >= bounds.calls)
      throw new AgentFault(`${agent} announced more than ${bounds.calls} tool calls; split the task into smaller steps`)
    if (open.size >= bounds.openCalls)
      throw new AgentFault(
        `${agent} has more than ${bounds.openCalls} tool calls open at a time; let it make fewer calls in parallel`,
      )
    return newCall(id, 'pending')
  }

  return {
    get count() {
      return open.size + over.size
    },
    hear(news) {
      const { id } = news
      const ended = over.get(id)
      const first = ended === undefined && !open.has(id)
      const call = first ? begin(news) : (open.get(id) ?? newCall(id, ended ?? 'pending'))
      const before = { ...call, paths: call.paths.size }
      learn(call, news, cwd)
      const done = call.status === 'completed' || call.status === 'failed'
      const output = done && news.output !== undefined ? JSON.stringify(news.output) : null
      if (done) {
        open.delete(id)
        over.set(id, call.status)
      } else if (ended === undefined) open.set(id, call)
      const changed =
        call.status !== before.status ||
        call.command !== before.command ||
        call.paths.size !== before.paths ||
        output !== null ||
        (call.held?.length ?? 0) > HELD
      return { call, first, changed, output }
    },
  }
}

function newCall(id: string, status: CallStatus): KnownCall {
  const name = id.length <= 200 ? id : `long:${sha256(id)}`
  return {
    id: name,
    title: '',
    tool: 'other',
    paths: new Set(),
    missed: 0,
    command: null,
    status,
    inputHash: null,
    held: null,
  }
}

function learn(call: KnownCall, news: CallNews, cwd: string): void {
  if (news.title !== undefined) call.title = news.title
  if (news.tool !== undefined) call.tool = news.tool
  if (news.status !== undefined) call.status = news.status
  for (const named of [...(news.paths ?? []), ...pathsIn(news.input)]) {
    const path = named.includes('://') ? named : posix.resolve(cwd, named)
    if (call.paths.size < KNOWN_PATHS) call.paths.add(path)
    else if (!call.paths.has(path)) call.missed++
  }
  call.command = news.command ?? commandIn(news.input) ?? call.command
  if (news.input === undefined || news.input === null || isEmpty(news.input)) return
  const json = JSON.stringify(news.input)
  const hash = sha256(json)
  if (hash === call.inputHash) return
  call.inputHash = hash
  call.held = json
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
