import { readFileSync } from 'node:fs'

const MAX_OPEN_FILES = 65_536

/**
 * Bound of open files for each process. It exists because measuring removed files means looking at every open file
 * (held-files.ts). Not above this process's own hard limit: an engine without CAP_SYS_RESOURCE, as in a container,
 * can't raise it.
 */
export function openFilesBound(): number {
  const own = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  return own === undefined ? MAX_OPEN_FILES : Math.min(MAX_OPEN_FILES, Number(own))
}
