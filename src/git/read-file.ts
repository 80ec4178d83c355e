// Reads files of a commit from the objects of a bare repository that Glovebox owns, without a checkout.
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { isObjectId } from './object-id.ts'

export interface TreeEntry {
  mode: string
  type: 'blob' | 'tree' | 'commit'
  id: string
  /** Name within its folder. Attacker-controlled bytes. */
  name: Uint8Array
}

/** The bytes of a regular file; null if the commit has none at this path. GitError `too-large` over maxBytes. */
export async function readFileAt(
  git: HostGit,
  repository: string,
  commit: string,
  path: string,
  maxBytes: number,
): Promise<Uint8Array | null> {
  const slash = path.lastIndexOf('/')
  const entries = await listTree(git, repository, commit, slash < 0 ? '' : path.slice(0, slash))
  const name = Buffer.from(path.slice(slash + 1), 'utf8')
  const entry = entries.find((candidate) => name.equals(candidate.name))
  if (entry?.type !== 'blob' || entry.mode === SYMLINK) return null
  return readBlob(git, repository, entry.id, maxBytes)
}

const SYMLINK = '120000'

/** The entries of one folder of a commit (`''` is the root), in git's order; empty if the folder does not exist. */
export async function listTree(git: HostGit, repository: string, commit: string, folder: string): Promise<TreeEntry[]> {
  requireId(commit)
  const place = folder.replace(/^\/+|\/+$/g, '')
  if (place.includes('\0')) return []
  const argv = ['ls-tree', '-z', '--end-of-options', place === '' ? commit : `${commit}:${place}`]
  const { code, stdout, stderr } = await git.run({ gitDir: repository, argv, okCodes: [0, 128] })
  if (code === 0) return splitNul(stdout).map(parseEntry)
  if (place !== '' && /Not a valid object name|not a tree object/.test(stderr)) return []
  throw new GitError('failed', `git ls-tree failed: ${stderr.trim()}`, { argv, stderr })
}

export async function readBlob(git: HostGit, repository: string, id: string, maxBytes: number): Promise<Uint8Array> {
  requireId(id)
  return (await git.run({ gitDir: repository, argv: ['cat-file', 'blob', id], maxOutput: maxBytes })).stdout
}

function parseEntry(record: Buffer): TreeEntry {
  const tab = record.indexOf(0x09)
  const [mode = '', type = '', id = ''] = record.subarray(0, tab).toString('latin1').split(' ')
  return { mode, type: type as TreeEntry['type'], id, name: record.subarray(tab + 1) }
}

export function splitNul(bytes: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start)
    const stop = end < 0 ? bytes.length : end
    records.push(bytes.subarray(start, stop))
    start = stop + 1
  }
  return records
}

/** Requires a full object id: any other text could be a revision expression or an option. */
export function requireId(id: string): void {
  if (!isObjectId(id)) throw new GitError('failed', `${JSON.stringify(id)} is not a full object id`)
}
