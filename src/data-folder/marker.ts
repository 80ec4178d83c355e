// The mark that Glovebox leaves in a data folder that it made. A repository or an archive can bring a file of any name and
// content, so the mark names what they cannot choose: the folder's inode and, in nanoseconds, the time of its birth. Where
// the file system keeps no such time, it names the inode and the change time of an empty file that is never touched
// again; nothing but the clock of the machine sets that time. A copy of a data folder has another birth, so it is refused
// until its owner adopts it; a folder that was moved on its file system is the same one.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { nullIfMissing } from './examine-path.ts'

export const MARKER = 'glovebox-folder'
const WITNESS = 'glovebox-folder.born'
const FORMAT = 'glovebox data folder, format 1'
const ANY_FORMAT = /^glovebox data folder, format \d+\n/
/** git and unzip leave files that their owner can write. */
const MODE = 0o400
const MAX_BYTES = 1024n

export type Mark = 'missing' | 'of-this-folder' | 'of-another' | 'newer'

export function isMarkerFile(name: string): boolean {
  return name === MARKER || name.startsWith(`${MARKER}.`)
}

export async function readMark(folder: string, uid: number): Promise<Mark> {
  const text = await readPlainFile(join(folder, MARKER), uid)
  if (text === null) return 'missing'
  if (text === `${FORMAT}\n${await birthOf(folder)}\n`) return 'of-this-folder'
  return ANY_FORMAT.test(text) && !text.startsWith(`${FORMAT}\n`) ? 'newer' : 'of-another'
}

/** Of several processes that mark a new folder at once, each finds the mark of this folder. */
export async function writeMark(folder: string, { replace }: { replace: boolean }): Promise<void> {
  await makeFile(join(folder, WITNESS), '').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const draft = join(folder, `${MARKER}.${randomBytes(8).toString('hex')}`)
  try {
    await makeFile(draft, `${FORMAT}\n${await birthOf(folder)}\n`)
    await (replace ? rename : link)(draft, join(folder, MARKER))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** What makes this folder another than every folder that looks the same. */
async function birthOf(folder: string): Promise<string> {
  const { ino, birthtimeNs } = await lstat(folder, { bigint: true })
  if (birthtimeNs > 0n) return `inode ${ino}, born ${birthtimeNs}`
  const witness = await lstat(join(folder, WITNESS), { bigint: true }).catch(nullIfMissing)
  return witness === null
    ? `inode ${ino}`
    : `inode ${ino}, born with inode ${witness.ino}, unchanged since ${witness.ctimeNs}`
}

/** null where there is none. A file that is not as Glovebox leaves it reads as empty. */
async function readPlainFile(path: string, uid: number): Promise<string | null> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    if (error.code === 'ELOOP' || error.code === 'EACCES') return 'odd' as const
    throw error
  })
  if (file === null) return null
  if (file === 'odd') return ''
  try {
    const stats = await file.stat({ bigint: true })
    const plain = stats.isFile() && stats.uid === BigInt(uid) && (stats.mode & 0o7777n) === BigInt(MODE)
    return plain && stats.size <= MAX_BYTES ? await file.readFile('utf8') : ''
  } finally {
    await file.close()
  }
}

async function makeFile(path: string, text: string): Promise<void> {
  const file = await open(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW, MODE)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}
