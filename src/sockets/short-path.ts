// A unix socket's address has room for 107 bytes of path (unix(7)); a data folder may be deeper than that.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** The server's socket in the data folder. */
export const SOCKET_NAME = 'server.sock'

const MAX_PATH_BYTES = 100

export interface ShortFolder extends AsyncDisposable {
  /** Where a socket of this name is listened on or dialled. */
  path(name: string): string
}

/**
 * A folder under a short name, for the sockets in it: Linux resolves it through the open folder. Keep it open for as long as
 * a server listens there, which removes its socket by that name when it closes.
 */
export async function openShortFolder(folder: string, longestName: string): Promise<ShortFolder> {
  if (Buffer.byteLength(join(folder, longestName)) <= MAX_PATH_BYTES)
    return { path: (name) => join(folder, name), [Symbol.asyncDispose]: async () => {} }
  const opened = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  return { path: (name) => `/proc/self/fd/${opened.fd}/${name}`, [Symbol.asyncDispose]: () => opened.close() }
}

/** The same for one socket: a path to it that is good until it is closed. */
export async function openSocketPath(path: string): Promise<{ path: string; close(): Promise<void> }> {
  const folder = await openShortFolder(dirname(path), basename(path))
  return {
    path: folder.path(basename(path)),
    async close() {
      await folder[Symbol.asyncDispose]()
    },
  }
}
