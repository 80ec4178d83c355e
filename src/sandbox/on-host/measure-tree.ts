import { closeSync, constants, fstatSync, lstatSync, opendirSync, openSync } from 'node:fs'
import type { BigIntStats, Dir } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface TreeSize {
  /** Allocated bytes; a file with several names counts once. */
  bytes: number
  entries: number
  /** Number of folders that could not be read: their owner closed them, and Glovebox is not root. */
  closed: number
  /** Why counting stopped. The tree then counts as over any limit. */
  unbounded: string | null
}

export interface MeasureBounds {
  bytes: number
  entries: number
  depth: number
}

const SLICE_MS = 4
// Bytes counted for each entry: even an empty file takes an inode.
const ENTRY_BYTES = 512

interface Level {
  fd: number
  dir: Dir
}

/**
 * Measures a tree while hostile processes change it. Opens every folder relative to its open parent (through
 * /proc/self/fd) and with O_NOFOLLOW, so that a folder swapped for a symlink can't lead out, and a tree nested deeper
 * than PATH_MAX can't hide. Never opens files. Stops as soon as a bound is passed; yields to other work every few
 * milliseconds.
 */
export async function measureTree(root: string, bounds: MeasureBounds): Promise<TreeSize> {
  const size: TreeSize = { bytes: 0, entries: 0, closed: 0, unbounded: null }
  const linked = new Set<string>()
  const levels: Level[] = []
  let sliceEnd = performance.now() + SLICE_MS
  try {
    levels.push(openLevel(root))
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      if (performance.now() > sliceEnd) {
        await nextTurn()
        sliceEnd = performance.now() + SLICE_MS
      }
      const entry = level.dir.readSync()
      if (entry === null) {
        closeLevel(levels.pop()!)
        continue
      }
      const path = Buffer.concat([Buffer.from(`/proc/self/fd/${level.fd}/`), entry.name as unknown as Buffer])
      const info = lstatSync(path, { bigint: true, throwIfNoEntry: false })
      if (!info) continue
      count(size, info, linked)
      if (size.bytes > bounds.bytes) return size
      if (size.entries > bounds.entries) return { ...size, unbounded: `${bounds.entries} files` }
      if (!info.isDirectory()) continue
      if (levels.length >= bounds.depth) return { ...size, unbounded: `folders nested ${bounds.depth} deep` }
      const below = tryOpen(path)
      if (below === 'closed') size.closed++
      else if (below !== null) levels.push(below)
    }
    return size
  } finally {
    levels.forEach(closeLevel)
  }
}

function count(size: TreeSize, info: BigIntStats, linked: Set<string>): void {
  size.entries++
  if (info.nlink > 1n && !info.isDirectory()) {
    const inode = `${info.dev}:${info.ino}`
    if (linked.has(inode)) return
    linked.add(inode)
  }
  size.bytes += ENTRY_BYTES + Number(info.blocks) * 512
}

function tryOpen(path: Buffer): Level | 'closed' | null {
  try {
    return openLevel(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'EACCES' || code === 'EPERM') return 'closed'
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return null // changed since lstat
    throw error
  }
}

function openLevel(path: string | Buffer): Level {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    if (!fstatSync(fd).isDirectory()) throw new Error('not a folder')
    // Node's types say string, but with this encoding each name is a Buffer of its bytes.
    return { fd, dir: opendirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' as BufferEncoding }) }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function closeLevel(level: Level): void {
  level.dir.closeSync()
  closeSync(level.fd)
}
