// What is known of each tool call. An agent says it bit by bit; an event has all that was said by then.
import { createHash } from 'node:crypto'
import { AgentFault } from '../agent-fault.ts'
import type { Bounds } from '../bounds.ts'
import type { CallNews, CallStatus, ToolKind } from '../types.ts'
import { commandIn, pathsIn } from './read-input.ts'

export interface KnownCall {
  /** As it is on the record. */
  id: string
  title: string
  tool: ToolKind
  paths: Set<string>
  command: string | null
  status: CallStatus
  /** SHA-256 of the last input, as JSON. */
  inputHash: string | null
}

export interface Heard {
  call: KnownCall
  first: boolean
  /** Whether this is worth an event. */
  changed: boolean
  /** New input, as JSON; null: none. */
  input: string | null
  output: string | null
}

export interface ToolCalls {
  hear(news: CallNews): Heard
  readonly count: number
}

const KNOWN_PATHS = 1000

export function toolCalls(agent: string, bounds: Bounds): ToolCalls {
  const open = new Map<string, KnownCall>()
  /** Of those that came to an end, only their ids: what is kept has a bound. */
  const over = new Map<string, CallStatus>()

  function begin(news: CallNews): KnownCall {
    if (open.size + over.size >= bounds.calls)
      throw new AgentFault(`${agent} announced more than ${bounds.calls} tool calls; split the task into smaller steps`)
    if (open.size >= bounds.openCalls)
      throw new AgentFault(`${agent} has more than ${bounds.openCalls} tool calls open at a time, which no agent needs`)
    return fresh(news)
  }

  return {
    get count() {
      return open.size + over.size
    },
    hear(news) {
      const ended = over.get(news.id)
      const first = ended === undefined && !open.has(news.id)
      const call = first ? begin(news) : (open.get(news.id) ?? { ...fresh(news), status: ended as CallStatus })
      const before = { status: call.status, command: call.command, paths: call.paths.size, input: call.inputHash }
      const input = learn(call, news)
      const done = call.status === 'completed' || call.status === 'failed'
      const output = done && news.output !== undefined ? JSON.stringify(news.output) : null
      if (done) {
        open.delete(news.id)
        over.set(news.id, call.status)
      } else if (ended === undefined) open.set(news.id, call)
      const changed =
        call.status !== before.status ||
        call.command !== before.command ||
        call.paths.size !== before.paths ||
        (ended === undefined && call.inputHash !== before.input) ||
        output !== null
      return { call, first, changed, input, output }
    },
  }
}

function fresh({ id }: CallNews): KnownCall {
  const name = id.length <= 200 ? id : `long:${sha256(id)}`
  return { id: name, title: '', tool: 'other', paths: new Set(), command: null, status: 'pending', inputHash: null }
}

/** Returns the input, where it is a new one. */
function learn(call: KnownCall, news: CallNews): string | null {
  if (news.title !== undefined) call.title = news.title
  if (news.tool !== undefined) call.tool = news.tool
  if (news.status !== undefined) call.status = news.status
  for (const path of [...(news.paths ?? []), ...pathsIn(news.input)])
    if (call.paths.size < KNOWN_PATHS) call.paths.add(path)
  call.command = news.command ?? commandIn(news.input) ?? call.command
  if (news.input === undefined || news.input === null || isEmpty(news.input)) return null
  const json = JSON.stringify(news.input)
  const hash = sha256(json)
  if (hash === call.inputHash) return null
  call.inputHash = hash
  return json
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
