// Parses one line of `strace -ff -y -xx --absolute-timestamps=unix,ns`. With -xx every string and path is hexadecimal, so
// that no name can look like syntax. An unknown line is an error, because skipping it would hide a difference. Text is
// latin1, one character per byte.

export interface Decoded {
  /** The text of a string argument, or the path that strace found behind a descriptor. */
  text: string
  /** A descriptor's number; -100 is AT_FDCWD; null for a string. */
  fd: number | null
  /** Whether strace saw that the file of the descriptor has no name any more. */
  deleted: boolean
}

export interface Call {
  kind: 'call'
  /** Nanoseconds since the epoch, when the call was entered. */
  at: bigint
  name: string
  /** The text between the parentheses, split at the outermost commas. */
  args: readonly string[]
  /** null: the process was gone before the call returned. */
  result: number | null
  error: string | null
  /** The file of the returned descriptor. */
  returned: Decoded | null
  /** The id that this thread took over by executing a program: that of the leader of its process. */
  became: number | null
}

const PREFIX = /^(\d+)\.(\d{9}) (.*)$/
const CALL = /^(\w+)\((.*)\)\s+= (.+)$/
const LEADER_TAKEN = /^(\w+)\((.*) <pid changed to (\d+) \.\.\.>$/
const CUT_SHORT = /^(\w+)\((.*?)(?: <unfinished \.\.\.>)?\)?\s*= \?$/
const RESULT = /^(-?\d+|0x[0-9a-f]+)(?:(<[^>]*>(?:\(deleted\))?)| (E[A-Z0-9]+) .*)?$/

export function parseLine(line: string): Call | null {
  const [, seconds = '', nanoseconds = '', text = ''] = PREFIX.exec(line) ?? fail(line)
  // Signals, exits, and the leader's view of an exec by another thread, which that thread's own line tells.
  if (/^(---|\+\+\+|<\.\.\. execve(at)? resumed>)/.test(text)) return null
  const call = { kind: 'call', at: BigInt(seconds + nanoseconds), error: null, returned: null, became: null } as const
  const taken = LEADER_TAKEN.exec(text)
  if (taken) {
    const [, name = '', args = '', leader] = taken
    return { ...call, name, args: split(args), result: 0, became: Number(leader) }
  }
  const cut = CUT_SHORT.exec(text)
  if (cut) return { ...call, name: cut[1] ?? '', args: split(cut[2] ?? ''), result: null }
  const [, name = '', args = '', answer = ''] = CALL.exec(text) ?? fail(line)
  const [, number, path, error] = RESULT.exec(answer) ?? fail(line)
  return {
    ...call,
    name,
    args: split(args),
    result: Number(number),
    error: error ?? null,
    returned: path === undefined ? null : decode(`${number}${path}`),
  }
}

const DESCRIPTOR = /^(AT_FDCWD|-?\d+)(?:<([^>]*)>(\(deleted\))?)?$/
const STRING = /^"((?:\\x[0-9a-f]{2})*)"$/

export function decode(arg: string | undefined): Decoded {
  if (arg === undefined) throw new Error('strace left an argument out')
  const string = STRING.exec(arg)
  if (string) return { text: unhex(string[1] ?? ''), fd: null, deleted: false }
  const [, number, path = '', deleted] = DESCRIPTOR.exec(arg) ?? fail(arg)
  return { text: unhex(path), fd: number === 'AT_FDCWD' ? -100 : Number(number), deleted: deleted !== undefined }
}

/** Parses `["...", "..."]`. strace marks omitted parts by dots, which are an error here. */
export function decodeList(arg: string | undefined): string[] {
  const inner = /^\[(.*)\]$/.exec(arg ?? '')?.[1]
  if (arg === 'NULL') return []
  if (inner === undefined) return fail(String(arg))
  return split(inner).map((item) => decode(item).text)
}

function unhex(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
}

function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    if ('[{('.includes(char)) depth++
    else if (']})'.includes(char)) depth--
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  const last = text.slice(start).trim()
  return last === '' ? parts : [...parts, last]
}

function fail(line: string): never {
  throw new Error(`strace said something that is not understood: ${line.slice(0, 500)}`)
}
