import { readdirSync, statSync } from 'node:fs'
import type { BigIntStats } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

export interface HeldFiles {
  /** Allocated bytes of files that no folder names any more. */
  bytes: number
  /** Why counting was given up; what is held then counts as over any limit. */
  unbounded: string | null
}

const SLICE_MS = 4
const MAX_DESCRIPTORS = 2_000_000

/**
 * A file that is open may be removed and still takes its space: counting folders alone would not see it. Looks through
 * the descriptors and the mappings of processes for files without a name on the file system `dev`. Following a link of
 * /proc/PID/fd opens nothing, so that a FIFO or a device planted there does no harm. What is in flight between two
 * sockets can't be seen; the reserve of watch-workspace.ts is for that.
 */
export async function measureHeldFiles(pids: readonly number[], dev: bigint): Promise<HeldFiles> {
  const held: HeldFiles = { bytes: 0, unbounded: null }
  const counted = new Set<bigint>()
  let looked = 0
  let sliceEnd = performance.now() + SLICE_MS
  for (const folder of pids.flatMap(descriptorFolders)) {
    for (const name of listed(folder)) {
      if (performance.now() > sliceEnd) {
        await nextTurn()
        sliceEnd = performance.now() + SLICE_MS
      }
      if (++looked > MAX_DESCRIPTORS) return { ...held, unbounded: `${MAX_DESCRIPTORS} open files` }
      const info = describe(`${folder}/${name}`)
      if (info === null || info.nlink !== 0n || info.dev !== dev || counted.has(info.ino)) continue
      counted.add(info.ino)
      held.bytes += Number(info.blocks) * 512
    }
  }
  return held
}

/** Every thread may have a table of its own: clone(2) without CLONE_FILES. */
function descriptorFolders(pid: number): string[] {
  const threads = listed(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/fd`)
  return [...threads, `/proc/${pid}/map_files`]
}

function listed(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return [] // it ended meanwhile, or is not ours to look at
  }
}

function describe(path: string): BigIntStats | null {
  try {
    return statSync(path, { bigint: true })
  } catch {
    return null
  }
}
