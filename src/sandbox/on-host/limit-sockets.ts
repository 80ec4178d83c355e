import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OwnCgroup } from './read-cgroup.ts'

/** Counts UDP as well, whatever its name says. Kernels that were told to leave version 1 behind do not have it. */
const LIMIT_FILE = 'memory.kmem.tcp.limit_in_bytes'

/** Whether a cgroup made below that folder can count them. */
export function countsSockets(parent: OwnCgroup): boolean {
  return parent.version === 2 || existsSync(join(parent.directory, LIMIT_FILE))
}

/**
 * Version 2 counts the buffers of TCP and UDP sockets with the memory; version 1 not at all, unless it is given a limit for
 * them. Resolves with what holds it, for the coverage report; null where nothing does. The first limit of a machine takes the
 * kernel some milliseconds (it patches its own code), so nobody should wait for it alone.
 */
export async function limitSockets(memory: OwnCgroup, bytes: number): Promise<string | null> {
  if (memory.version === 2) return 'cgroup-v2 with the memory'
  const file = join(memory.directory, LIMIT_FILE)
  if (!existsSync(file)) return null
  try {
    await writeFile(file, String(bytes))
    return `cgroup-v1 ${bytes} bytes of TCP and UDP`
  } catch (error) {
    // The cgroup is an engine's, and this account may not change it.
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
