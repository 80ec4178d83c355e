// Finds the kind of protected path that a path belongs to. The table is in protected-kinds.ts.
import { foldPath, matchName, matchPattern, parsePattern, type PathPattern } from './path-pattern.ts'
import { PROTECTED_KINDS, type BuiltInKind, type ProtectedKind } from './protected-kinds.ts'

export interface Protection {
  kind: string
  why: string
  /** Harmless fields of this JSON file; null: every change counts. */
  harmless: ReadonlySet<string> | null
}

/** A link or a submodule also counts if it replaces a folder above protected paths. */
export type FindProtection = (path: Uint8Array, what?: { isLink: boolean }) => Protection | null

interface Rule {
  pattern: PathPattern
  /** Whether the rule matches only files, not folders. */
  isFile: boolean
  row: BuiltInKind
  /** Position in the table. */
  order: number
}

/** Searches the built-in kinds and the added ones. If several match, the first one in the table gives the kind. */
export function protectionBy(added: readonly ProtectedKind[]): FindProtection {
  const rules = rulesOf([...PROTECTED_KINDS, ...added])
  const isName = ({ pattern: { parts } }: Rule) => parts.length === 2 && parts[0] === '**'
  const ofName = rulesByName(rules.filter(isName))
  const ofPath = rules.filter((rule) => !isName(rule))
  return (path, { isLink } = { isLink: false }) => {
    const names = foldPath(path)
    const hits = names.flatMap((name, at) => ofName(name).filter(({ isFile }) => !isFile || at === names.length - 1))
    for (const rule of ofPath) {
      const match = matchPattern(rule.pattern, names)
      if (match === 'inside' || (match === 'towards' && isLink)) hits.push(rule)
    }
    return hits.length === 0 ? null : strictest(hits, names)
  }
}

function rulesOf(kinds: readonly BuiltInKind[]): Rule[] {
  const all = kinds.flatMap((row) => [
    ...row.paths.map((text) => ({ text, isFile: false, row })),
    ...(row.files ?? []).map((text) => ({ text, isFile: true, row })),
  ])
  return all.map(({ text, isFile, row }, order) => ({ pattern: parsePattern(text), isFile, row, order }))
}

/** Caches the rules by name, up to a bound, since the same names occur again and again. */
function rulesByName(rules: readonly Rule[]): (name: string) => readonly Rule[] {
  const asked = new Map<string, readonly Rule[]>()
  return (name) => {
    const known = asked.get(name)
    if (known !== undefined) return known
    const found = rules.filter(({ pattern }) => matchName(pattern.parts[1]!, name))
    if (asked.size < MAX_NAMES) asked.set(name, found)
    return found
  }
}

const MAX_NAMES = 10_000

/** Below node_modules/ every change of a package.json counts. */
function strictest(hits: readonly Rule[], names: readonly string[]): Protection {
  const found = hits
    .toSorted((one, other) => one.order - other.order)
    .map(({ row: { kind, why, harmless } }): Protection => {
      const fields = Object.entries(harmless ?? {}).find(([name]) => name === names.at(-1))?.[1]
      return { kind, why, harmless: fields ?? null }
    })
  return found.find(({ harmless }) => harmless === null) ?? found[0]!
}
