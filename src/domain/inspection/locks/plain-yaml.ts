// Parses the subset of YAML that pnpm and Yarn write into their lockfiles, in time linear in the text. Any other YAML is an
// error, because a package manager might read it differently.
import { LockError } from './lock-entry.ts'

export type PlainValue = string | PlainList | PlainMap
export type PlainList = readonly PlainValue[]
export type PlainMap = ReadonlyMap<string, PlainValue>

const MAX_DEPTH = 20

interface Open {
  indent: number
  map: Map<string, PlainValue>
  /** The key whose value follows on the next lines. */
  waiting: string | null
}

export function parsePlainYaml(text: string): PlainMap {
  const root = new Map<string, PlainValue>()
  const open: Open[] = [{ indent: 0, map: root, waiting: null }]
  let skipDeeperThan: number | null = null
  let longKey: string | null = null
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const content = line.trimStart()
    const indent = line.length - content.length
    if (skipDeeperThan !== null && (content === '' || indent > skipDeeperThan)) continue
    skipDeeperThan = null
    if (content === '' || content.startsWith('#') || (index === 0 && content === '---')) continue
    if (/^\s*\t/.test(line)) throw odd(index)
    const at = levelFor(open, indent, content, index)
    if (content.startsWith('- ')) {
      addToList(at, parseValue(content.slice(2).trim(), index), index)
      continue
    }
    if (content.startsWith('? ')) {
      longKey = scalar(content.slice(2).trim(), index)
      continue
    }
    const pair: readonly [string, string] =
      longKey === null ? keyAndRest(content, index) : [longKey, restOf(content, index)]
    longKey = null
    const [key, rest] = pair
    if (at.map.has(key) || key === '<<') throw odd(index)
    at.waiting = rest === '' ? key : null
    if (/^[|>][-+0-9]*$/.test(rest)) skipDeeperThan = indent
    at.map.set(key, rest === '' || skipDeeperThan !== null ? '' : parseValue(rest, index))
  }
  return root
}

/** The map that a line of this indentation belongs to. A deeper line begins the value of the previous key. */
function levelFor(open: Open[], indent: number, content: string, index: number): Open {
  while (open.length > 1 && indent < open.at(-1)!.indent) open.pop()
  const last = open.at(-1)!
  if (indent === last.indent) return last
  if (last.waiting === null || indent < last.indent || open.length > MAX_DEPTH) throw odd(index)
  if (content.startsWith('- ')) return last
  const map = new Map<string, PlainValue>()
  if (last.map.get(last.waiting) !== '') throw odd(index)
  last.map.set(last.waiting, map)
  open.push({ indent, map, waiting: null })
  return open.at(-1)!
}

function addToList({ map, waiting }: Open, value: PlainValue, index: number): void {
  if (waiting === null) throw odd(index)
  const list = map.get(waiting)
  if (list === '') map.set(waiting, [value])
  else if (Array.isArray(list)) list.push(value)
  else throw odd(index)
}

function keyAndRest(content: string, index: number): readonly [string, string] {
  if (content.startsWith('"') || content.startsWith("'")) {
    const end = quotedEnd(content, 0, index)
    return [unquoted(content.slice(0, end), index), restOf(content.slice(end), index)]
  }
  const colon = /:(?=\s|$)/.exec(content)?.index
  if (colon === undefined || colon === 0) throw odd(index)
  return [scalar(content.slice(0, colon), index), restOf(content.slice(colon), index)]
}

function restOf(text: string, index: number): string {
  const trimmed = text.trim()
  if (!trimmed.startsWith(':')) throw odd(index)
  return trimmed.slice(1).trim()
}

function parseValue(text: string, index: number): PlainValue {
  if (!text.startsWith('{') && !text.startsWith('[')) return scalar(text, index)
  const { value, end } = parseFlow(text, 0, index, 0)
  if (text.slice(end).trim() !== '') throw odd(index)
  return value
}

/** `{a: b, c: [d, e]}` on one line. */
function parseFlow(text: string, from: number, index: number, depth: number): { value: PlainValue; end: number } {
  const isMap = text[from] === '{'
  if (depth > MAX_DEPTH) throw odd(index)
  const close = isMap ? '}' : ']'
  const map = new Map<string, PlainValue>()
  const list: PlainValue[] = []
  let at = skipBlanks(text, from + 1)
  while (text[at] !== close) {
    let key: string | null = null
    if (isMap) {
      const [name, after] = flowScalar(text, at, /:(?=\s)|[,[\]{}]/g, index)
      if (text[after] !== ':') throw odd(index)
      key = name
      at = skipBlanks(text, after + 1)
    }
    const nested = text[at] === '{' || text[at] === '['
    const { value, end } = nested ? parseFlow(text, at, index, depth + 1) : flowValue(text, at, index)
    if (key === null) list.push(value)
    else if (map.has(key)) throw odd(index)
    else map.set(key, value)
    at = skipBlanks(text, end)
    if (text[at] === ',') at = skipBlanks(text, at + 1)
    else if (text[at] !== close) throw odd(index)
  }
  return { value: isMap ? map : list, end: at + 1 }
}

function flowValue(text: string, at: number, index: number): { value: string; end: number } {
  const [value, end] = flowScalar(text, at, /[,[\]{}]/g, index)
  return { value, end }
}

function flowScalar(text: string, from: number, stop: RegExp, index: number): readonly [string, number] {
  if (text[from] === '"' || text[from] === "'") {
    const end = quotedEnd(text, from, index)
    return [unquoted(text.slice(from, end), index), skipBlanks(text, end)]
  }
  stop.lastIndex = from
  const end = stop.exec(text)?.index
  if (end === undefined) throw odd(index)
  return [scalar(text.slice(from, end).trim(), index), end]
}

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text[at] === ' ') at++
  return at
}

function scalar(text: string, index: number): string {
  if (text.startsWith('"') || text.startsWith("'")) {
    const end = quotedEnd(text, 0, index)
    const rest = text.slice(end).trim()
    if (rest !== '' && !rest.startsWith('#')) throw odd(index)
    return unquoted(text.slice(0, end), index)
  }
  if (/^[&*!|>%@`{}[\],]/.test(text) || /:\s/.test(text)) throw odd(index)
  const comment = text.indexOf(' #')
  return comment < 0 ? text : text.slice(0, comment).trim()
}

/** The position after the closing quote. */
function quotedEnd(text: string, from: number, index: number): number {
  const quote = text[from]
  for (let at = from + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at++
    else if (text[at] === quote && quote === "'" && text[at + 1] === "'") at++
    else if (text[at] === quote) return at + 1
  }
  throw odd(index)
}

function unquoted(text: string, index: number): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'")
  try {
    return JSON.parse(text) as string
  } catch {
    throw odd(index)
  }
}

function odd(index: number): LockError {
  return new LockError(`line ${index + 1} is not in the format that package managers write`)
}
