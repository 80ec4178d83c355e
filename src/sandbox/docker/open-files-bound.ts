import { readFileSync } from 'node:fs'

const MAX_OPEN_FILES = 65_536

/**
 * Bounded because what a removed file holds is found by looking at all open ones (held-files.ts). Not above what this
 * process may have: an engine without CAP_SYS_RESOURCE, as in a container, can't raise it.
 */
export function openFilesBound(): number {
  const own = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
  return own === undefined ? MAX_OPEN_FILES : Math.min(MAX_OPEN_FILES, Number(own))
}
