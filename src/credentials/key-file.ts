// The file `<data>/master-key`: the key that seals the stored credentials if no variable sets it. Only its owner can read
// it, and it is durable before a secret is sealed under it.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KEY_BYTES, parseMasterKey } from './master-key.ts'
import type { MasterKey } from './master-key.ts'
import { CredentialError } from './types.ts'

const MAX_BYTES = 1024
/** Temporary files that make() leaves if the process is killed. */
const DRAFT = /^master-key(\.next)?\.[0-9a-f]{16}$/

/** `current`: the key in force. `next`: the new key during a rotation. */
export type KeyFileName = 'current' | 'next'

export class KeyFiles {
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#folder = dataFolder
  }

  pathOf(name: KeyFileName): string {
    return join(this.#folder, name === 'current' ? 'master-key' : 'master-key.next')
  }

  /** Returns null if the file is missing. Rejects with CredentialError if others can read it or it holds no key. */
  async read(name: KeyFileName): Promise<MasterKey | null> {
    const path = this.pathOf(name)
    const text = await readPrivate(path)
    return text === null ? null : parseMasterKey(text, path)
  }

  /** Writes a temporary file and links it to its place, so that the file is always complete and replaces no key. */
  async make(name: KeyFileName): Promise<MasterKey> {
    const path = this.pathOf(name)
    const text = randomBytes(KEY_BYTES).toString('base64')
    const draft = `${path}.${randomBytes(8).toString('hex')}`
    try {
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(`${text}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await link(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
    await this.#sync()
    return parseMasterKey(text, path)
  }

  /** Replaces `current` by `next`. */
  async promote(): Promise<void> {
    await rename(this.pathOf('next'), this.pathOf('current'))
    await this.#sync()
  }

  async dropNext(): Promise<void> {
    await rm(this.pathOf('next'), { force: true })
    await this.#sync()
  }

  /** Removes files of keys that were never in force. The caller must hold the data folder. */
  async sweep(): Promise<void> {
    const drafts = (await readdir(this.#folder)).filter((name) => DRAFT.test(name))
    for (const name of drafts) await rm(join(this.#folder, name), { force: true })
  }

  async #sync(): Promise<void> {
    const folder = await open(this.#folder, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }
}

async function readPrivate(path: string): Promise<string | null> {
  let file
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw unsafe(`${path} can't be read as a file: ${message}`, null)
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile() || stat.size > MAX_BYTES) throw unsafe(`${path} is not a key file`, null)
    if ((stat.mode & 0o077) !== 0)
      throw unsafe(`${path} is open to other users`, `chmod 600 ${path}, then rotate: other users may have read it`)
    if (stat.uid !== process.geteuid?.() && process.geteuid?.() !== 0)
      throw unsafe(`${path} belongs to another account (uid ${stat.uid})`, null)
    return await file.readFile('latin1')
  } finally {
    await file.close()
  }
}

function unsafe(message: string, cure: string | null): CredentialError {
  return new CredentialError('unsafe-file', 'stored', message, cure === null ? {} : { cure })
}
