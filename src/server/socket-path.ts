// Short paths for unix sockets: a socket address holds at most 107 bytes of path, and a data folder may be deeper.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

const MAX_PATH_BYTES = 100

/** A short path to the same socket, valid until close(). Linux resolves it through an open folder (`/proc/self/fd`). */
export async function openSocketPath(path: string): Promise<{ path: string; close(): Promise<void> }> {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, close: async () => {} }
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${folder.fd}/${basename(path)}`, close: () => folder.close() }
}
