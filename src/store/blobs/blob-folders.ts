import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Digest } from '../../domain/events/fields.ts'
import { privateFolder, syncFolder } from '../private-folder.ts'

const PREFIX = 'sha256:'

/** The folder layout of the blob store. It also makes the folders themselves durable. */
export class BlobFolders {
  /** Folder for unfinished writes, on the blobs' own file system, so that a finished blob only has to be renamed. */
  readonly unfinished: string
  readonly #root: string
  readonly #finished: string
  readonly #made = new Map<string, Promise<void>>()

  constructor(root: string) {
    this.#root = root
    this.#finished = join(root, 'sha256')
    this.unfinished = join(root, 'unfinished')
  }

  async create(): Promise<void> {
    for (const folder of [this.#root, this.#finished, this.unfinished]) await privateFolder(folder)
    await syncFolder(this.#root)
    await syncFolder(dirname(this.#root))
  }

  pathOf(digest: Digest): string {
    const hex = digest.slice(PREFIX.length)
    return join(this.#finished, hex.slice(0, 2), hex)
  }

  temporaryPath(): string {
    return join(this.unfinished, randomBytes(16).toString('hex'))
  }

  /**
   * Makes the folder of a blob and syncs it. Concurrent calls share one sync: a folder that exists but is not synced
   * may be lost in a power failure. For the same reason a folder that an earlier process made is synced again.
   */
  async ready(path: string): Promise<void> {
    const folder = dirname(path)
    let made = this.#made.get(folder)
    if (!made) {
      made = makeDurably(folder)
      this.#made.set(folder, made)
      made.catch(() => this.#made.delete(folder))
    }
    await made
  }
}

async function makeDurably(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await syncFolder(dirname(folder))
}
