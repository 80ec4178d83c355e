// Parser for requests to upload-pack, protocol v0/v1 and v2 (gitprotocol-pack, gitprotocol-v2). Accepts only known
// lines, and writes a new request for git from the parsed one.
import type { ObjectFormat } from '../../git/object-id.ts'
import { isObjectId, zeroId } from '../../git/object-id.ts'
import { isBranchName, isRefName } from '../../git/ref-name.ts'
import { GitProtocolError } from './git-protocol-error.ts'
import type { ByteSource, Pkt } from './pkt-line.ts'
import { encodePkts, pktText, readPkt } from './pkt-line.ts'
import { own } from '../../domain/own.ts'

const MAX_PKTS = 200_000
/** Room for all visible tags (MAX_TAGS) and branches. All wants must fit into one event. */
const MAX_WANTS = 600

export interface FetchRequest {
  command: 'ls-refs' | 'fetch'
  wants: readonly string[]
  haves: readonly string[]
  /** Commits at which the client says that its history ends. When the client deepens, git sends their parents. */
  shallows: readonly string[]
  /** Encodes the request for git, with only those `have` and `shallow` ids that the client may know (`mayKnow`). */
  encode(mayKnow: ReadonlySet<string>): Buffer
}

type Line = Exclude<Pkt, { kind: 'data' }> | { kind: 'line'; text: string }

/** Resolves with null for a lone flush, with which git tests the connection. */
export async function readFetchRequest(
  source: ByteSource,
  options: { version: 0 | 2; format: ObjectFormat },
): Promise<FetchRequest | null> {
  const lines = await readLines(source)
  if (lines.length === 0 || (lines.length === 1 && lines[0]?.kind === 'flush')) return null
  return options.version === 2 ? parseV2(lines, options.format) : parseV0(lines, options.format)
}

async function readLines(source: ByteSource): Promise<Line[]> {
  const lines: Line[] = []
  for (let pkt = await readPkt(source); pkt !== null; pkt = await readPkt(source)) {
    if (lines.length >= MAX_PKTS) throw new GitProtocolError('too-large', 'the request has too many lines')
    lines.push(pkt.kind === 'data' ? { kind: 'line', text: pktText(pkt.payload) } : pkt)
  }
  return lines
}

/**
 * Format: `want <id> <capabilities>`, more wants, shallow and deepen lines, a flush, then haves and flushes, and
 * `done`.
 */
function parseV0(lines: readonly Line[], format: ObjectFormat): FetchRequest {
  if (lines.some((line) => line.kind === 'delim'))
    throw new GitProtocolError('malformed', 'a delimiter belongs to protocol v2')
  const end = lines.findIndex((line) => line.kind === 'flush')
  if (end < 0) throw new GitProtocolError('malformed', 'the request has no end')
  const texts = (part: readonly Line[]) => part.flatMap((line) => (line.kind === 'line' ? [line.text] : []))
  const [first = '', ...others] = texts(lines.slice(0, end))
  const [word, id, ...capabilities] = first.split(' ')
  if (word !== 'want' || id === undefined) throw new GitProtocolError('malformed', 'the request must start with a want')
  for (const name of capabilities) requireV0Capability(name, format)
  for (const text of [`want ${id}`, ...others]) requireLine(text, format, V0_HEAD)
  for (const text of texts(lines.slice(end))) requireLine(text, format, V0_TAIL)
  return request('fetch', lines, [`want ${id}`, ...others], null)
}

const V0_CAPABILITIES: readonly string[] = [
  'multi_ack',
  'multi_ack_detailed',
  'no-done',
  'thin-pack',
  'side-band',
  'side-band-64k',
  'ofs-delta',
  'no-progress',
  'include-tag',
  'deepen-since',
  'deepen-not',
  'deepen-relative',
  'shallow',
]

function requireV0Capability(name: string, format: ObjectFormat): void {
  if (name === '' || V0_CAPABILITIES.includes(name) || name === `object-format=${format}` || AGENT.test(name)) return
  throw new GitProtocolError('unsupported', `the capability ${JSON.stringify(name.slice(0, 64))} is not offered`)
}

const AGENT = /^agent=[!-~]{1,256}$/

/** Format: `command=…`, capabilities, a delimiter, arguments, a flush. */
function parseV2(lines: readonly Line[], format: ObjectFormat): FetchRequest {
  const kinds = lines.map((line) => line.kind)
  const delim = kinds.indexOf('delim')
  const end = kinds.indexOf('flush')
  if (end !== lines.length - 1 || kinds.lastIndexOf('delim') !== delim)
    throw new GitProtocolError('malformed', 'a request must have one command and one flush at its end')
  const texts = (part: readonly Line[]) => part.flatMap((line) => (line.kind === 'line' ? [line.text] : []))
  const [first, ...capabilities] = texts(lines.slice(0, delim < 0 ? end : delim))
  const args = delim < 0 ? [] : texts(lines.slice(delim + 1))
  for (const name of capabilities) {
    if (name === `object-format=${format}` || AGENT.test(name)) continue
    throw new GitProtocolError('unsupported', `the capability ${JSON.stringify(name.slice(0, 64))} is not offered`)
  }
  if (format !== 'sha1' && !capabilities.includes(`object-format=${format}`))
    throw new GitProtocolError('malformed', `this repository uses ${format}`)
  if (first === 'command=ls-refs') {
    for (const text of args) requireLine(text, format, V2_LS_REFS)
    return request('ls-refs', lines, [], null)
  }
  if (first !== 'command=fetch') throw new GitProtocolError('unsupported', 'the only commands are ls-refs and fetch')
  for (const text of args) requireLine(text, format, V2_FETCH)
  // A v2 client that sent haves without `done` waits for acknowledgments, which git omits when it gets no have.
  return request('fetch', lines, args, args.includes('done') ? null : `have ${zeroId(format)}`)
}

type Argument = 'none' | 'id' | 'number' | 'ref' | 'prefix'
type Grammar = Readonly<Record<string, Argument>>

const SHALLOW = {
  shallow: 'id',
  deepen: 'number',
  'deepen-since': 'number',
  'deepen-not': 'ref',
} as const satisfies Grammar
const V0_HEAD: Grammar = { want: 'id', ...SHALLOW }
const V0_TAIL: Grammar = { have: 'id', done: 'none' }
const V2_LS_REFS: Grammar = { peel: 'none', symrefs: 'none', unborn: 'none', 'ref-prefix': 'prefix' }
const V2_FETCH: Grammar = {
  want: 'id',
  have: 'id',
  done: 'none',
  ...SHALLOW,
  'deepen-relative': 'none',
  'thin-pack': 'none',
  'no-progress': 'none',
  'include-tag': 'none',
  'ofs-delta': 'none',
  'wait-for-done': 'none',
}

function requireLine(text: string, format: ObjectFormat, grammar: Grammar): void {
  const space = text.indexOf(' ')
  const word = space < 0 ? text : text.slice(0, space)
  const argument = space < 0 ? null : text.slice(space + 1)
  const kind = own(grammar, word)
  if (kind === undefined)
    throw new GitProtocolError('unsupported', `${JSON.stringify(word.slice(0, 64))} is not offered here`)
  if (!ARGUMENTS[kind](argument, format)) throw new GitProtocolError('malformed', `${word} has a wrong argument`)
}

const ARGUMENTS: Record<Argument, (text: string | null, format: ObjectFormat) => boolean> = {
  none: (text) => text === null,
  id: (text, format) => text !== null && isObjectId(text, format),
  number: (text) => text !== null && /^\d{1,10}$/.test(text),
  ref: (text) => text !== null && (text === 'HEAD' || isRefName(text) || isBranchName(text)),
  prefix: (text) => text !== null && /^[!-~\u00a1-\u{10ffff}]{0,400}$/u.test(text),
}

/** `noHave`: line that replaces the haves when none is passed on. No object has its id. */
function request(
  command: FetchRequest['command'],
  lines: readonly Line[],
  args: readonly string[],
  noHave: string | null,
): FetchRequest {
  const ids = (part: readonly string[], word: string) =>
    part.flatMap((text) => (text.startsWith(`${word} `) ? [text.slice(word.length + 1)] : []))
  const wants = [...new Set(ids(args, 'want'))]
  if (wants.length > MAX_WANTS) throw new GitProtocolError('too-large', `a fetch may want ${MAX_WANTS} objects at most`)
  const all = lines.flatMap((line) => (line.kind === 'line' ? [line.text] : []))
  const haves = command === 'fetch' ? [...new Set(ids(all, 'have'))] : []
  const shallows = command === 'fetch' ? [...new Set(ids(all, 'shallow'))] : []
  const encode = (mayKnow: ReadonlySet<string>) => {
    const kept = lines.filter((line) => isKept(line, mayKnow))
    const unanswered = noHave !== null && haves.length > 0 && !haves.some((id) => mayKnow.has(id))
    if (unanswered) kept.splice(-1, 0, { kind: 'line', text: noHave })
    return encodePkts(kept.map(toPkt))
  }
  return { command, wants, haves, shallows, encode }
}

function isKept(line: Line, mayKnow: ReadonlySet<string>): boolean {
  const id = line.kind === 'line' ? /^(?:have|shallow) (.*)$/.exec(line.text)?.[1] : undefined
  return id === undefined || mayKnow.has(id)
}

function toPkt(line: Line): Pkt {
  return line.kind === 'line' ? { kind: 'data', payload: Buffer.from(`${line.text}\n`, 'utf8') } : line
}
