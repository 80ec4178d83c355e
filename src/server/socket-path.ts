// A unix socket's address has room for 107 bytes of path; a data folder may be deeper than that.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

const MAX_PATH_BYTES = 100

/** A path to the same socket that is short enough, good until it is closed. Linux resolves it through an open folder. */
export async function openSocketPath(path: string): Promise<{ path: string; close(): Promise<void> }> {
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, close: async () => {} }
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: `/proc/self/fd/${folder.fd}/${basename(path)}`, close: () => folder.close() }
}
