// For `glovebox doctor`: what a run will need of the disk and of the kernel's tables, before it needs it.
import { readFileSync } from 'node:fs'
import { freeSpace } from './full-disk.ts'
import { formatBytes } from '../domain/format-bytes.ts'

const GIB = 1024 ** 3
/** A mirror, a quarantine and a workspace of a middling repository. */
const ENOUGH = { data: GIB, temporary: GIB / 4 }
const ENOUGH_FILES = 10_000
/** Of each run the gateway holds some dozens: sockets, blobs, git. */
const ENOUGH_OPEN_FILES = 4096

interface Probe {
  name: string
  found: boolean
  detail: string
  cure: string | null
}

export function probeDisk(folders: { data: string; sandboxes: string; temporary: string }): readonly Probe[] {
  const { data, sandboxes, temporary } = folders
  return [
    probeFolder('disk of the data folder', data, ENOUGH.data),
    ...(sandboxes.startsWith(`${data}/`) ? [] : [probeFolder('disk of the sandboxes', sandboxes, ENOUGH.data)]),
    probeFolder('disk of temporary files', temporary, ENOUGH.temporary),
    probeOpenFiles(readFileSync('/proc/self/limits', 'utf8')),
  ]
}

function probeFolder(name: string, folder: string, enough: number): Probe {
  const space = freeSpace(folder)
  if (space === null) return { name, found: false, detail: `there is no folder ${folder}`, cure: `mkdir -p ${folder}` }
  const { free, total, freeFiles } = space
  const files = freeFiles === null || freeFiles >= ENOUGH_FILES ? '' : `, room for ${freeFiles} files`
  const found = free >= enough && files === ''
  return {
    name,
    found,
    detail: `${formatBytes(free)} of ${formatBytes(total)} free${files} in ${folder}`,
    cure: found ? null : `free ${formatBytes(enough)} there, or choose a folder on another disk`,
  }
}

/** `limits` is the text of /proc/self/limits. */
export function probeOpenFiles(limits: string): Probe {
  const name = 'open files'
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? 'unknown'
  const found = soft === 'unlimited' || Number(soft) >= ENOUGH_OPEN_FILES
  const cure = found ? null : `raise it to ${ENOUGH_OPEN_FILES} or more: ulimit -n, or LimitNOFILE= of the service`
  const consequence = found ? '' : '; runs that need more fail, and those beside them with them'
  return { name, found, detail: `this process may open ${soft}${consequence}`, cure }
}
