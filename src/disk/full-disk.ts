// Errors that mean that a disk is full, from whichever program or library, told with the disk and the folder on it.
import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatBytes } from '../domain/format-bytes.ts'

const SQLITE_FULL = 13
const WORDS = /no space left on device|database or disk is full|disk quota exceeded|\bENOSPC\b|\bEDQUOT\b/i
/** What is less than that is as good as nothing. */
const NEARLY_NOTHING = 1024 ** 2
const MAX_CAUSES = 8

export interface FreeSpace {
  folder: string
  /** Bytes that this account may still write. */
  free: number
  total: number
  /** Files that can still be made; null where the file system has no such bound. */
  freeFiles: number | null
}

/** null when there is no such folder. */
export function freeSpace(folder: string): FreeSpace | null {
  try {
    const { bsize, bavail, blocks, files, ffree } = statfsSync(folder)
    return { folder, free: bavail * bsize, total: blocks * bsize, freeFiles: files === 0 ? null : ffree }
  } catch {
    return null
  }
}

/** One sentence for a person; null when the error means something else. `folders` are those that may have been written. */
export function explainFullDisk(error: unknown, folders: readonly string[]): string | null {
  if (!meansFullDisk(error)) return null
  const spaces = folders.map((folder) => freeSpace(existingPart(folder))).filter((space) => space !== null)
  const full = spaces.filter(({ free, freeFiles }) => free < NEARLY_NOTHING || freeFiles === 0)
  const least = (full.length > 0 ? full : spaces).toSorted((a, b) => a.free - b.free)[0]
  if (least === undefined) return `a disk is full: ${messageOf(error)}`
  const { folder, free, total, freeFiles } = least
  const left = freeFiles === 0 ? 'no file can be made' : `${formatBytes(free)} of ${formatBytes(total)} are free`
  return `the disk of ${folder} is full (${left}): ${messageOf(error)}`
}

/** A folder that could not be made is on the disk of the one above it. */
function existingPart(folder: string): string {
  for (let at = folder; ; at = dirname(at)) if (freeSpace(at) !== null || at === dirname(at)) return at
}

function meansFullDisk(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < MAX_CAUSES; at = at.cause, depth++) {
    const { code, errcode, stderr } = at as { code?: unknown; errcode?: unknown; stderr?: unknown }
    if (code === 'ENOSPC' || code === 'EDQUOT') return true
    if (typeof errcode === 'number' && (errcode & 0xff) === SQLITE_FULL) return true
    if (WORDS.test(at.message) || (typeof stderr === 'string' && WORDS.test(stderr))) return true
  }
  return false
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
