// Patterns of paths, in the syntax of .gitignore, matched as the most forgiving file system would: a name that a checkout
// on Windows or macOS opens as `.github` is `.github` here.
import { z } from 'zod'

export interface PathPattern {
  /** Folded names; `**` stands for any number of folders. */
  readonly parts: readonly string[]
}

const ANY_DEPTH = '**'
const MAX_CHARS = 300

/** As a user writes it. Without a slash before its end a pattern matches at any depth, else from the top. */
export const PatternText = z
  .string()
  .max(MAX_CHARS)
  .superRefine((text, context) => {
    const problem = patternProblem(text)
    if (problem !== null) context.addIssue({ code: 'custom', message: problem })
  })

function patternProblem(text: string): string | null {
  if (text.startsWith('!')) return 'kinds only add to what is protected: `!` takes nothing out'
  if (/[[\]{}]/.test(text)) return 'only `*`, `?` and `**` are wildcards: write `?` for a bracket'
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

/** The folded names of a path. Attacker-controlled bytes. */
export function foldPath(path: Uint8Array): string[] {
  return foldText(new TextDecoder().decode(path)).split(/[/\\]/).map(asWindowsOpens)
}

/** Case, compatible forms (NFC, NFD, full-width letters) and characters that HFS+ skips make no difference. */
function foldText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase()
  return text.normalize('NFKC').replace(IGNORED, '').toUpperCase().toLowerCase().normalize('NFKC')
}

const IGNORED = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu

/** NTFS drops dots and spaces at the end, and takes what follows a colon for a stream of the same file. */
function asWindowsOpens(name: string): string {
  const colon = name.indexOf(':')
  const file = colon > 0 ? name.slice(0, colon) : name
  let end = file.length
  while (end > 0 && (file[end - 1] === '.' || file[end - 1] === ' ')) end--
  return end === 0 ? file : file.slice(0, end)
}

/** `inside`: it is the path or a folder that holds it; `towards`: the path is a folder that the pattern leads through. */
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

/** With `*` and `?`. Goes back to the last `*` alone, so that the time it takes is bounded by both lengths. */
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
