// Protected names that are links. If CLAUDE.md is a link to docs/guide.md, a change of docs/guide.md steers agents as well.
import type { FindProtection, Protection } from '../../domain/inspection/protected-paths.ts'
import { followLinks, type Links } from '../../git/links-of.ts'

/** Returns the protected name of a link that leads to the path; null if there is none. */
export type LinkNames = (path: Uint8Array) => { protection: Protection; link: Uint8Array } | null

/** Limit on the links that are followed; an attacker chooses their number. */
const MAX_NAMES = 1000

const bytes = (path: string): Uint8Array => Buffer.from(path, 'latin1')

/** `trees`: the links of each commit to examine. */
export function linkNames(trees: readonly Links[], find: FindProtection): { names: LinkNames; notes: string[] } {
  const byTarget = new Map<string, string[]>()
  const whole = trees.map((links) => gather(links, byTarget, find)).every((done) => done)
  const notes = whole ? [] : [`over ${MAX_NAMES} symbolic links have protected names; only those were followed`]
  return { names: (path) => nameOf(Buffer.from(path).toString('latin1'), byTarget, find), notes }
}

/** A link below the target of another link has a second name, which may be protected. */
function gather(links: Links, byTarget: Map<string, string[]>, find: FindProtection): boolean {
  const left = [...links.keys()].map((path) => ({ path, name: path }))
  let taken = 0
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, name } = next
    if (find(bytes(name), { isLink: true }) === null) continue
    const target = followLinks(links, path)
    if (target === null || byTarget.get(target)?.includes(name)) continue
    if (++taken > MAX_NAMES) return false
    byTarget.set(target, [...(byTarget.get(target) ?? []), name])
    for (const other of links.keys())
      if (isBelow(other, target)) left.push({ path: other, name: renamed(other, target, name) })
  }
  return true
}

function nameOf(path: string, byTarget: ReadonlyMap<string, readonly string[]>, find: FindProtection) {
  for (let target = path; ; target = target.slice(0, Math.max(target.lastIndexOf('/'), 0))) {
    for (const name of byTarget.get(target) ?? []) {
      const protection = find(bytes(renamed(path, target, name)))
      if (protection !== null) return { protection, link: bytes(name) }
    }
    if (target === '') return null
  }
}

function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`)
}

/** Replaces `target` at the start of `path` by its other name. */
function renamed(path: string, target: string, name: string): string {
  return `${name}${target === '' ? '/' : ''}${path.slice(target.length)}`
}
