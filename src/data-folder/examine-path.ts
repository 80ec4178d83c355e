// Each component on the way to the data folder, from the root down. Whoever could change one could put another folder in
// the data folder's place between the look at it and its use: every component belongs to root or to this account, and
// nobody else can write the folder that holds it. A clone can bring symbolic links, so those of this account count for
// nothing.
import type { BigIntStats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DataFolderError } from './data-folder-error.ts'

/** As Linux: that many links on one path are a circle. */
const MAX_LINKS = 40
const WRITABLE_BY_GROUP = 0o020n
const WRITABLE_BY_ALL = 0o002n
const STICKY = 0o1000n

export interface Account {
  uid: number
  gid: number
}

export interface ExaminedPath {
  /** The path without symbolic links. */
  real: string
  /** null: there is nothing at the path yet. */
  stats: BigIntStats | null
}

/** `path` is absolute. Rejects with DataFolderError; the last component may be anything but a foreign symbolic link. */
export async function examinePath(path: string, account: Account): Promise<ExaminedPath> {
  let names = namesOf(path)
  let at = '/'
  let parent = await lstat(at, { bigint: true })
  refuseParent(at, parent, account)
  for (let links = 0; names.length > 0;) {
    const next = join(at, names[0]!)
    const stats = await lstat(next, { bigint: true }).catch(nullIfMissing)
    if (stats === null) return { real: join(at, ...names), stats: null }
    if (stats.isSymbolicLink()) {
      if (++links > MAX_LINKS || !isOfTheSystem(at, parent, stats, account)) throw symbolicLink(path, next)
      names = [...namesOf(resolve(dirname(next), await readlink(next))), ...names.slice(1)]
      at = '/'
      parent = await lstat(at, { bigint: true })
      continue
    }
    if (names.length === 1) return { real: next, stats }
    refuseParent(next, stats, account)
    names = names.slice(1)
    at = next
    parent = stats
  }
  return { real: at, stats: parent }
}

/**
 * Such as /var -> /private/var. Only root can have made it where nobody else can write. Root's own clones bring links of
 * root, so for root only those in the root folder are the system's.
 */
function isOfTheSystem(at: string, parent: BigIntStats, link: BigIntStats, { uid }: Account): boolean {
  if (uid === 0) return at === '/'
  return link.uid === 0n && parent.uid === 0n && (parent.mode & (WRITABLE_BY_GROUP | WRITABLE_BY_ALL)) === 0n
}

function refuseParent(path: string, stats: BigIntStats, account: Account): void {
  const { uid, gid, mode } = stats
  const cure = 'choose another data folder with --data or GLOVEBOX_DATA'
  if (uid !== 0n && uid !== BigInt(account.uid))
    throw new DataFolderError(
      'other-owner',
      `${path} belongs to another account (uid ${uid}), which could swap the data folder in it`,
      cure,
    )
  if (!stats.isDirectory()) throw new DataFolderError('not-a-folder', `${path} is not a folder`, cure)
  // In a sticky folder such as /tmp, only its owner renames a file. A group of one's own is what useradd makes.
  const byGroup = (mode & WRITABLE_BY_GROUP) !== 0n && gid !== 0n && gid !== BigInt(account.gid)
  if ((mode & STICKY) === 0n && (byGroup || (mode & WRITABLE_BY_ALL) !== 0n))
    throw new DataFolderError(
      'open-to-others',
      `${path} can be written by others, who could swap the data folder in it`,
      cure,
    )
}

function symbolicLink(path: string, link: string): DataFolderError {
  const message = link === path ? `${path} is a symbolic link` : `${link}, on the way to ${path}, is a symbolic link`
  return new DataFolderError(
    'symbolic-link',
    `${message}, which a repository could have brought; it is not followed`,
    'name the data folder by its real path, with --data or GLOVEBOX_DATA',
  )
}

function namesOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}

export function nullIfMissing(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
  throw error
}
