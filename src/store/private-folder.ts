import { mkdir, open, stat, chmod } from 'node:fs/promises'
import { StoreError } from './store-error.ts'

/**
 * Makes a folder that only its owner can enter. Refuses an existing folder that others can write: they could have put
 * files there, and a mistyped `--data` must not close /tmp.
 */
export async function privateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const { mode } = await stat(path)
  if ((mode & 0o022) !== 0) {
    const cure = 'choose another data folder, or close it with chmod 700'
    throw new StoreError('insecure-folder', `${path} can be written by others; ${cure}`)
  }
  if ((mode & 0o077) !== 0) await chmod(path, 0o700)
}

/** Makes the names in a folder durable, since the fsync of a file does not cover its name. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
