// The symbolic links of a commit and their targets. They show under which other names a path can be reached.
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { readObjects } from './read-objects.ts'
import { requireId } from './read-file.ts'

const SYMLINK = '120000'
const MAX_LINKS = 10_000
const MAX_TARGET_BYTES = 4096
const MAX_STEPS = 40

/** From the path of a link to its target. Both are latin1, one character per byte. Attacker-controlled. */
export type Links = ReadonlyMap<string, string>

/** Throws GitError `too-large` if there are over 10,000 links. */
export async function linksOf(git: HostGit, repository: string, commit: string): Promise<Links> {
  requireId(commit)
  const ids = await linkIds(git, repository, commit)
  const targets = new Map<string, string>()
  for await (const { id, bytes } of readObjects(git, repository, [...new Set(ids.values())], {
    objectBytes: MAX_TARGET_BYTES,
    totalBytes: MAX_LINKS * MAX_TARGET_BYTES,
  }))
    if (bytes !== null) targets.set(id, Buffer.from(bytes).toString('latin1'))
  return new Map([...ids].flatMap(([path, id]) => (targets.has(id) ? [[path, targets.get(id)!]] : [])))
}

async function linkIds(git: HostGit, repository: string, commit: string): Promise<Map<string, string>> {
  const argv = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', commit]
  const child = git.start({ gitDir: repository, argv })
  child.stdin.end()
  const links = new Map<string, string>()
  let rest = ''
  for await (const chunk of child.stdout) {
    const records = (rest + (chunk as Buffer).toString('latin1')).split('\0')
    rest = records.pop() ?? ''
    for (const record of records) {
      if (!record.startsWith(SYMLINK)) continue
      const tab = record.indexOf('\t')
      links.set(record.slice(tab + 1), record.slice(0, tab).split(' ')[2] ?? '')
    }
    if (links.size > MAX_LINKS) child.stop('too-large')
  }
  const { code, stderr } = await child.ended
  if (code !== 0) throw new GitError('failed', `git ls-tree failed with ${code}`, { argv, stderr })
  return links
}

/** Follows the links of a path inside the repository. null: the path leads outside, or the links form a circle. */
export function followLinks(links: Links, path: string): string | null {
  const left = path.split('/')
  const place: string[] = []
  for (let steps = 0; left.length > 0;) {
    const name = left.shift()!
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (place.pop() === undefined) return null
      continue
    }
    const target = links.get([...place, name].join('/'))
    if (target === undefined) place.push(name)
    else if (target.startsWith('/') || ++steps > MAX_STEPS) return null
    else left.unshift(...target.split('/'))
  }
  return place.join('/')
}
