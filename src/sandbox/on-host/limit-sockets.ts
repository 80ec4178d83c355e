import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { OwnCgroup } from './read-cgroup.ts'

/** Counts UDP as well, despite its name. Missing in kernels that are built without version 1. */
const LIMIT_FILE = 'memory.kmem.tcp.limit_in_bytes'

/** Whether a cgroup created below `parent` can count socket buffers. */
export function countsSockets(parent: OwnCgroup): boolean {
  return parent.version === 2 || existsSync(join(parent.directory, LIMIT_FILE))
}

/**
 * Limits the buffers of TCP and UDP sockets. Version 2 counts them with the memory; version 1 counts them only if they
 * have a limit of their own. Resolves with the mechanism for the coverage report; null if nothing limits them. The
 * first such limit on a machine takes the kernel some milliseconds (it patches its own code), so callers run it beside
 * other work.
 */
export async function limitSockets(memory: OwnCgroup, bytes: number): Promise<string | null> {
  if (memory.version === 2) return 'cgroup-v2 with the memory'
  const file = join(memory.directory, LIMIT_FILE)
  if (!existsSync(file)) return null
  try {
    await writeFile(file, String(bytes))
    return `cgroup-v1 ${bytes} bytes of TCP and UDP`
  } catch (error) {
    // The cgroup belongs to an engine, and this account may not change it.
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}
