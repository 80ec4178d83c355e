// Reads YAML files of people and possibly attackers (a task may come from a repository): a plain, bounded subset, with
// the position of every value. No anchors or aliases (they can expand a small file without limit), no tags, one
// document.
import type { Node, Pair } from 'yaml'
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { SourceProblem } from './source-problem.ts'

const MAX_BYTES = 256 * 1024
const MAX_NODES = 5_000
const MAX_DEPTH = 32

export interface YamlSource {
  value: unknown
  /** Position of the value at this path; of its nearest parent if the value is missing. */
  placeOf(path: readonly PropertyKey[]): Place
  /** Position of a key. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place
  /** The text of a scalar in the file, such as `1.10` for the value 1.1; null for anything else. */
  sourceOf(path: readonly PropertyKey[]): string | null
}

export interface Place {
  line: number
  column: number
}

export type YamlResult =
  | { source: YamlSource; problems: readonly [] }
  | { source: null; problems: readonly SourceProblem[] }

/** Never throws. It finds duplicate keys itself, since the library's check takes quadratic time. */
export function readYaml(text: string): YamlResult {
  if (new TextEncoder().encode(text).length > MAX_BYTES)
    return refused(`the file is larger than ${MAX_BYTES / 1024} KiB`, 'make it smaller')
  if (!text.isWellFormed()) return refused('the file is not valid Unicode', 'save it as UTF-8')
  const hidden = /[\u202a-\u202e\u2066-\u2069]/.exec(text)
  if (hidden)
    return placed(
      text,
      hidden.index,
      'a character here changes the direction of the text, so that it looks different from what runs',
      'remove it',
    )
  try {
    return readDocument(text)
  } catch (error) {
    return refused(`the file can't be read: ${readable(error instanceof Error ? error.message : String(error))}`, null)
  }
}

/** Cures for the mistakes that people make most. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [/^Tabs are not allowed/, 'indent with spaces'],
  [/^Nested mappings are not allowed/, 'write a value that contains `: ` in quotes'],
]

function readDocument(text: string): YamlResult {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  })
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const found = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...place(pos[0]),
    message: readable(message),
    cure: CURES.find(([form]) => form.test(message))?.[1] ?? null,
  }))
  const problems = found.length > 0 ? found : structureProblems(document.contents, place)
  if (problems.length > 0) return { source: null, problems: problems.slice(0, 50) }
  const root = document.contents
  return {
    problems: [],
    source: {
      value: document.toJS({ maxAliasCount: 0 }),
      placeOf: (path) => place(offsetOf(nearestNode(root, path))),
      placeOfKey: (path, key) => place(offsetOf(pairAt(nearestNode(root, path), key)?.key ?? nearestNode(root, path))),
      sourceOf(path) {
        const node = exactNode(root, path)
        return isScalar(node) ? (node.source ?? null) : null
      },
    },
  }
}

function structureProblems(root: Node | null, place: (offset: number) => Place): SourceProblem[] {
  const problems: SourceProblem[] = []
  const complain = (node: unknown, message: string, cure: string | null) =>
    problems.push({ ...place(offsetOf(node)), message, cure })
  let nodes = 0
  visit(root, (key, node, path) => {
    if (++nodes > MAX_NODES || path.length > MAX_DEPTH * 2) {
      complain(
        node,
        nodes > MAX_NODES ? `the file has more than ${MAX_NODES} values` : 'values are nested too deep',
        null,
      )
      return visit.BREAK
    }
    if (!isNode(node)) return undefined
    if (node.tag !== undefined && node.tag !== '')
      complain(node, `tags such as \`${node.tag}\` are not supported`, 'remove it')
    if (isAlias(node)) complain(node, 'aliases are not supported', 'write the value out')
    if ('anchor' in node && node.anchor !== undefined) complain(node, 'anchors are not supported', 'remove it')
    if (isMap(node)) repeatedKeys(node.items).forEach(({ pair, message }) => complain(pair.key, message, 'remove one'))
    return key === 'key' && isScalar(node) && node.value === '__proto__'
      ? void complain(node, '`__proto__` is not allowed as a key', 'remove it')
      : undefined
  })
  return problems
}

function repeatedKeys(pairs: readonly Pair[]): { pair: Pair; message: string }[] {
  const seen = new Set<string>()
  return pairs.flatMap((pair) => {
    const name = keyName(pair)
    const repeated = seen.has(name)
    seen.add(name)
    return repeated ? [{ pair, message: `\`${name}\` appears twice` }] : []
  })
}

function nearestNode(root: Node | null, path: readonly PropertyKey[]): unknown {
  let node: unknown = root
  for (const key of path) {
    const next = childOf(node, key)
    if (!isNode(next)) return isMap(node) ? (pairAt(node, key)?.key ?? node) : node
    node = next
  }
  return node
}

function exactNode(root: Node | null, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((node, key) => childOf(node, key), root)
}

function childOf(node: unknown, key: PropertyKey): unknown {
  if (isSeq(node)) return node.items[Number(key)]
  return pairAt(node, key)?.value
}

function pairAt(node: unknown, key: PropertyKey): Pair | undefined {
  return isMap(node) ? node.items.find((pair) => keyName(pair) === String(key)) : undefined
}

function keyName(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function offsetOf(node: unknown): number {
  const target = isPair(node) ? node.key : node
  return isNode(target) ? (target.range?.[0] ?? 0) : 0
}

function placed(text: string, offset: number, message: string, cure: string | null): YamlResult {
  const before = text.slice(0, offset)
  return {
    source: null,
    problems: [{ line: before.split('\n').length, column: offset - before.lastIndexOf('\n'), message, cure }],
  }
}

function refused(message: string, cure: string | null): YamlResult {
  return { source: null, problems: [{ line: null, column: null, message, cure }] }
}

/**
 * Rewrites a parser message. If deep nesting exhausts the parser's own stack, it reports that as an error of the file.
 */
function readable(text: string): string {
  if (/call stack/.test(text)) return 'values are nested too deep'
  return text.charAt(0).toLowerCase() + text.slice(1)
}
