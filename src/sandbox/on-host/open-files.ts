import { readdirSync, statSync } from 'node:fs'
import { readSetting } from './read-setting.ts'

/** Programs map their libraries. What is mapped beyond that may be a file that no descriptor holds any more. */
const USUAL_MAPPINGS = 512
/** vm.max_map_count, unless somebody raised it: for a process that nobody may look at. */
const MOST_MAPPINGS = 65_530

/**
 * About how many open files processes keep from everybody else, never too few by much: threads that share their
 * descriptors count each. Stops once there are more than `enough`. `guest` is known to map nothing of a step.
 */
export function openFilesOf(pids: readonly number[], guest: number | null, enough: number): number {
  let held = 0
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) held += descriptorsIn(`/proc/${pid}/task/${thread}`)
    if (pid !== guest) held += Math.max(0, mappedFiles(pid) - USUAL_MAPPINGS)
    if (held > enough) break
  }
  return held
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // it ended meanwhile
  }
}

function descriptorsIn(folder: string): number {
  // The kernel tells from 6.2 on; before, how many the table has room for.
  const size = statSync(`${folder}/fd`, { throwIfNoEntry: false })?.size ?? 0
  if (size > 0) return size
  return Number(/^FDSize:\s+(\d+)/m.exec(readSetting(`${folder}/status`) ?? '')?.[1] ?? 0)
}

/** Address, permissions, offset, device, inode: 0 is memory without a file. */
const FILE_MAPPING = /^\S+ \S+ \S+ \S+ [1-9]/gm

function mappedFiles(pid: number): number {
  const maps = readSetting(`/proc/${pid}/maps`)
  if (maps === null) return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) === undefined ? 0 : MOST_MAPPINGS
  return maps.match(FILE_MAPPING)?.length ?? 0
}
