// Path patterns in the syntax of .gitignore. They match as the most tolerant file system does: if a checkout on Windows or
// macOS opens a name as `.github`, it matches `.github`.
import { z } from 'zod'

export interface PathPattern {
  /** Folded names; `**` stands for any number of folders. */
  readonly parts: readonly string[]
}

const ANY_DEPTH = '**'
const MAX_CHARS = 300

/** A pattern as a user writes it. With a slash before its end it matches from the top, else at any depth. */
export const PatternText = z
  .string()
  .max(MAX_CHARS)
  .superRefine((text, context) => {
    const problem = patternProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  })

function patternProblem(text: string): string | null {
  if (text.startsWith('!')) return 'a kind can only add protected paths: remove the `!`'
  if (/[[\]{}]/.test(text)) return 'only `*`, `?` and `**` are wildcards: write `?` in place of a bracket'
  if (/[\\\0-\x1f\x7f]/.test(text)) return 'a path has `/` between its names, and no backslash or control character'
  const names = text.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (names.some((name) => name === '' || name === '.' || name === '..'))
    return 'a path from the top of the repository, such as `deploy/` or `docs/*.md`, without `.` or `..`'
  if (names.some((name) => name !== ANY_DEPTH && name.includes(ANY_DEPTH)))
    return '`**` stands for whole folders: write it between slashes'
  return null
}

export function parsePattern(text: string): PathPattern {
  const names = text.replace(/^\//, '').replace(/\/$/, '').split('/')
  const floats = names.length === 1 && !text.startsWith('/')
  const parts = names.map((name) => (name === ANY_DEPTH ? name : foldText(name)))
  return { parts: floats ? [ANY_DEPTH, ...parts] : parts }
}

/** Splits a path into its folded names. Attacker-controlled bytes. */
export function foldPath(path: Uint8Array): string[] {
  return foldText(new TextDecoder().decode(path)).split(/[/\\]/).map(asWindowsOpens)
}

/** Folds case and compatible forms (NFC, NFD, full-width letters), and removes the characters that HFS+ ignores. */
function foldText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase()
  return text.normalize('NFKC').replace(IGNORED, '').toUpperCase().toLowerCase().normalize('NFKC')
}

const IGNORED = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu

/** NTFS drops dots and spaces at the end of a name; after a colon comes the name of a stream of the same file. */
function asWindowsOpens(name: string): string {
  const colon = name.indexOf(':')
  const file = colon > 0 ? name.slice(0, colon) : name
  let end = file.length
  while (end > 0 && (file[end - 1] === '.' || file[end - 1] === ' ')) end--
  return end === 0 ? file : file.slice(0, end)
}

/** `inside`: the pattern matches the path or a folder above it; `towards`: it matches only paths below this folder. */
export function matchPattern({ parts }: PathPattern, names: readonly string[]): 'inside' | 'towards' | null {
  const first = parts[0] === ANY_DEPTH ? 1 : 0
  let states = reached(parts, [0])
  for (const name of names) {
    const next = states.flatMap((at) => {
      const part = parts[at]!
      if (part === ANY_DEPTH) return [at]
      return matchName(part, name) ? [at + 1] : []
    })
    states = reached(parts, next)
    if (states.includes(parts.length)) return 'inside'
    if (states.length === 0) return null
  }
  return states.some((at) => at > first) ? 'towards' : null
}

function reached(parts: readonly string[], states: readonly number[]): number[] {
  const all = new Set(states)
  for (const at of all) if (parts[at] === ANY_DEPTH) all.add(at + 1)
  return [...all]
}

/** Matches `*` and `?`. It backtracks to the last `*` only, so the time is at most the product of both lengths. */
export function matchName(pattern: string, name: string): boolean {
  let [at, from, star, retry] = [0, 0, -1, 0]
  while (from < name.length) {
    if (pattern[at] === '*') {
      star = at++
      retry = from
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) {
      at++
      from++
    } else if (star >= 0) {
      at = star + 1
      from = ++retry
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
