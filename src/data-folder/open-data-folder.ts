// Whether a folder may be the data folder. What it holds decides what runs on this machine - keys, mirrors, configuration -
// so Glovebox works on a folder that it made itself or that its owner adopted, and on no other: least of all on one that
// came with a repository (invariant 5).
import { chmod, lstat, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tracksBelow } from '../git/tracked-paths.ts'
import { DataFolderError } from './data-folder-error.ts'
import { examinePath, nullIfMissing } from './examine-path.ts'
import type { Account, ExaminedPath } from './examine-path.ts'
import { isMarkerFile, readMark, writeMark } from './marker.ts'

export interface DataFolderOptions {
  /** PATH, to find git in. */
  searchPath: string
  /** Default: the one that this process runs under. */
  account?: Account
}

/** `absent`: it can be made; `empty`: it can be taken; `ours`: Glovebox made it, or its owner adopted it. */
export type DataFolderState = 'absent' | 'empty' | 'ours'

const OPEN_TO_OTHERS = 0o077n
const WRITABLE_BY_OTHERS = 0o022n
/** What a file system of its own has at its top. */
const NOTHING = ['lost+found']
/** One of them is in every folder that was a data folder, or is meant to be one. */
const SIGNS = ['glovebox.db', 'glovebox.yaml']

/** Looks without changing anything. `path` is absolute. Rejects with DataFolderError where the folder is not to be used. */
export async function examineDataFolder(path: string, options: DataFolderOptions): Promise<DataFolderState> {
  const account = options.account ?? thisAccount()
  const examined = await examineOwned(path, account, options)
  if (examined.stats === null) return 'absent'
  switch (await readMark(path, account.uid)) {
    case 'of-this-folder':
      refuseOpen(path, examined.stats.mode, OPEN_TO_OTHERS)
      return 'ours'
    case 'newer':
      throw new DataFolderError(
        'newer-format',
        `${path} was made by a newer Glovebox`,
        'use that version, or another folder',
      )
    case 'of-another':
      throw notMadeHere(path, 'it bears the mark of another folder, as a copy does')
    case 'missing':
      if (!(await isEmpty(path))) throw notMadeHere(path, 'it has no mark of Glovebox')
      refuseOpen(path, examined.stats.mode, WRITABLE_BY_OTHERS)
      return 'empty'
  }
}

/** Makes the folder when there is none, takes an empty one, and refuses every other that Glovebox did not make. */
export async function openDataFolder(path: string, options: DataFolderOptions): Promise<void> {
  if ((await examineDataFolder(path, options)) === 'ours') return
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
  await writeMark(path, { replace: false })
  if ((await examineDataFolder(path, options)) !== 'ours') throw notMadeHere(path, 'its mark did not last')
}

/**
 * Marks a folder that its owner vouches for: one of before there were marks, one that was restored from a backup, or one
 * that was configured before its first use. What git tracks can't be vouched for: the next pull would change it.
 */
export async function adoptDataFolder(path: string, options: DataFolderOptions): Promise<void> {
  const account = options.account ?? thisAccount()
  const { stats } = await examineOwned(path, account, options)
  if (stats === null) throw new DataFolderError('nothing-to-adopt', `there is no folder ${path}`, 'check the path')
  refuseOpen(path, stats.mode, WRITABLE_BY_OTHERS)
  if (!(await isEmpty(path)) && !(await hasSign(path)))
    throw new DataFolderError(
      'nothing-to-adopt',
      `${path} has neither ${SIGNS.join(' nor ')}, so it is no data folder`,
      'name the folder that has them, or a new one',
    )
  await refuseLinks(path)
  await chmod(path, 0o700)
  await writeMark(path, { replace: true })
}

async function examineOwned(path: string, account: Account, options: DataFolderOptions): Promise<ExaminedPath> {
  const examined = await examinePath(path, account)
  const { real, stats } = examined
  const cure = 'choose another data folder with --data or GLOVEBOX_DATA'
  if (stats !== null && !stats.isDirectory()) throw new DataFolderError('not-a-folder', `${path} is not a folder`, cure)
  if (stats !== null && stats.uid !== BigInt(account.uid))
    throw new DataFolderError('other-owner', `${path} belongs to another account (uid ${stats.uid})`, cure)
  await refuseTracked(real, options)
  return examined
}

/** A work tree may be around it at any height: git looks at the nearest one, and whoever placed it may have taken another. */
async function refuseTracked(real: string, { searchPath }: DataFolderOptions): Promise<void> {
  for (let workTree = real; ; workTree = dirname(workTree)) {
    const gitDir = join(workTree, '.git')
    const found = await lstat(gitDir).catch(nullIfMissing)
    if (found !== null && (await tracksBelow({ gitDir, workTree, path: real, searchPath })))
      throw new DataFolderError(
        'tracked',
        `${real} holds files that the git repository in ${workTree} tracks, so they may have come with a clone or a pull`,
        'name a data folder outside of that repository with --data or GLOVEBOX_DATA',
      )
    if (workTree === '/') return
  }
}

function refuseOpen(path: string, mode: bigint, bits: bigint): void {
  if ((mode & bits) === 0n) return
  const how = (mode & WRITABLE_BY_OTHERS) === 0n ? 'read' : 'written'
  throw new DataFolderError(
    'open-to-others',
    `${path} can be ${how} by other accounts`,
    `if nobody else put files there: chmod 700 ${path}; otherwise choose another data folder`,
  )
}

/** A link in the place of the database or a mirror would lead out of the folder. */
async function refuseLinks(path: string): Promise<void> {
  const entry = (await readdir(path, { withFileTypes: true })).find((one) => one.isSymbolicLink())
  if (entry === undefined) return
  const cure = 'remove it, or put what it points to in its place'
  throw new DataFolderError('symbolic-link', `${join(path, entry.name)} is a symbolic link`, cure)
}

async function isEmpty(path: string): Promise<boolean> {
  return (await readdir(path)).every((name) => NOTHING.includes(name) || isMarkerFile(name))
}

async function hasSign(path: string): Promise<boolean> {
  const found = await Promise.all(SIGNS.map((name) => lstat(join(path, name)).catch(nullIfMissing)))
  return found.some((stats) => stats?.isFile() === true)
}

function notMadeHere(path: string, why: string): DataFolderError {
  return new DataFolderError(
    'not-made-here',
    `Glovebox did not make ${path}: ${why}. It may have come with a repository or an archive, so nothing in it is read`,
    `if you made it or restored it yourself: glovebox data adopt ${path}; otherwise name another folder with --data`,
  )
}

function thisAccount(): Account {
  return { uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 }
}
