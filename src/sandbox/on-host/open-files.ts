import { readdirSync, statSync } from 'node:fs'
import { readSetting, unlessMissing } from './read-setting.ts'

/** Mappings of libraries in a usual program. Further mappings may be files that no descriptor holds any more. */
const USUAL_MAPPINGS = 512
/** Default of vm.max_map_count; assumed for a process that Glovebox may not inspect. */
const MOST_MAPPINGS = 65_530

/**
 * Estimates how many entries of the machine's open-file table the processes use; the estimate is never much too low.
 * Threads that share descriptors count once each. Stops above `enough`. `guest` maps no file of a step.
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
  return unlessMissing(() => readdirSync(`/proc/${pid}/task`), []) // the process has ended meanwhile
}

function descriptorsIn(folder: string): number {
  // Since Linux 6.2 the size is the number of open files. Before, it is 0; FDSize, the size of the table, is an upper
  // bound.
  const size = statSync(`${folder}/fd`, { throwIfNoEntry: false })?.size ?? 0
  if (size > 0) return size
  return Number(/^FDSize:\s+(\d+)/m.exec(readSetting(`${folder}/status`) ?? '')?.[1] ?? 0)
}

/** A line of /proc/PID/maps up to the inode. Inode 0 is memory without a file. */
const FILE_MAPPING = /^\S+ \S+ \S+ \S+ [1-9]/gm

function mappedFiles(pid: number): number {
  const maps = readSetting(`/proc/${pid}/maps`)
  if (maps === null) return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) === undefined ? 0 : MOST_MAPPINGS
  return maps.match(FILE_MAPPING)?.length ?? 0
}
