import { readdirSync, statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { deletedMappings } from './deleted-mappings.ts'
import { unlessMissing } from './read-setting.ts'

export interface HeldFiles {
  /** Allocated bytes of removed files. */
  bytes: number
  /** Number of removed files that a process has mapped and that this account may not measure. */
  unmeasured: number
  /** Number of processes that this account may not inspect. */
  closed: number
  /** Why counting stopped. The held files then count as over any limit. */
  unbounded: string | null
}

const SLICE_MS = 4
const MAPPINGS = '/map_files/'
const MAX_DESCRIPTORS = 2_000_000

/**
 * Measures removed files that processes still hold. They take space as long as a process holds them, and counting
 * folders would not see them. Inspects the descriptors, mappings, executables and folders of processes for removed
 * files on the file system `dev`. Following a link of /proc/PID/fd opens nothing, so a planted FIFO or device does no
 * harm. Files that only the kernel holds stay invisible: in a message between two sockets, or a waiting call. The disk
 * reserve of watch-workspace.ts covers them. `guest` never holds a step's file for longer than a moment.
 */
export async function measureHeldFiles(
  pids: readonly number[],
  dev: bigint,
  guest: number | null = null,
): Promise<HeldFiles> {
  const held: HeldFiles = { bytes: 0, unmeasured: 0, closed: 0, unbounded: null }
  const counted = new Set<bigint>()
  let looked = 0
  let sliceEnd = performance.now() + SLICE_MS
  for (const pid of pids) {
    let [closed, mappingsClosed] = [false, false]
    for (const link of linksOf(pid, () => (closed = true))) {
      if (performance.now() > sliceEnd) {
        await nextTurn()
        sliceEnd = performance.now() + SLICE_MS
      }
      if (++looked > MAX_DESCRIPTORS) return { ...held, unbounded: `${MAX_DESCRIPTORS} open files` }
      const info = describe(link, () => (link.includes(MAPPINGS) ? (mappingsClosed = true) : (closed = true)))
      if (info === null || info.nlink !== 0n || info.dev !== dev || counted.has(info.ino)) continue
      counted.add(info.ino)
      held.bytes += Number(info.blocks) * 512
    }
    if (pid === guest) continue
    if (closed) held.closed++
    // The kernel lets only root follow the links of map_files. Other accounts can still see the list of mappings.
    if (mappingsClosed) held.unmeasured += deletedMappings(pid).filter((inode) => !counted.has(inode)).length
  }
  return held
}

/** Links of every thread, which may have its own descriptors and folders: clone(2) without CLONE_FILES and CLONE_FS. */
function* linksOf(pid: number, onClosed: () => void): Generator<string> {
  yield `/proc/${pid}/exe`
  for (const thread of listed(`/proc/${pid}/task`, onClosed)) {
    const folder = `/proc/${pid}/task/${thread}`
    yield `${folder}/cwd`
    yield `${folder}/root`
    for (const name of listed(`${folder}/fd`, onClosed)) yield `${folder}/fd/${name}`
  }
  for (const name of listed(`/proc/${pid}${MAPPINGS}`, onClosed)) yield `/proc/${pid}${MAPPINGS}${name}`
}

function listed(path: string, onClosed: () => void): string[] {
  return unlessMissing(() => unlessRefused(() => readdirSync(path), onClosed, []), []) // the process has ended meanwhile
}

function describe(path: string, onClosed: () => void): BigIntStats | null {
  return unlessMissing(() => unlessRefused(() => statSync(path, { bigint: true }), onClosed, null), null)
}

function unlessRefused<Found, Refused>(look: () => Found, onClosed: () => void, refused: Refused): Found | Refused {
  try {
    return look()
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    onClosed()
    return refused
  }
}
