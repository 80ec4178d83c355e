// The master keys: the current one, which seals new secrets, and older ones that can still open old secrets.
import type { KeyFiles } from './key-file.ts'
import { parseMasterKey } from './master-key.ts'
import type { MasterKey } from './master-key.ts'
import { CredentialError } from './types.ts'

export const KEY_VARIABLE = 'GLOVEBOX_MASTER_KEY'
export const PREVIOUS_VARIABLE = 'GLOVEBOX_PREVIOUS_MASTER_KEY'

/** Raw values of the variables; null if one is not set. */
export interface KeyVariables {
  current: string | null
  previous: string | null
}

export class Keyring {
  readonly files: KeyFiles
  /** The key in the variable; if it is set, the file only opens older secrets. */
  readonly fixed: MasterKey | null
  readonly #previous: MasterKey | null

  /** Throws CredentialError `bad-master-key` if a variable holds no key. */
  constructor(variables: KeyVariables, files: KeyFiles) {
    this.files = files
    this.fixed = variables.current === null ? null : parseMasterKey(variables.current, KEY_VARIABLE)
    this.#previous = variables.previous === null ? null : parseMasterKey(variables.previous, PREVIOUS_VARIABLE)
  }

  /** The key that seals new secrets; null if there is none yet. */
  async current(): Promise<MasterKey | null> {
    return this.fixed ?? (await this.files.read('current'))
  }

  /** The keys with these ids. Rejects with `no-master-key` or `wrong-master-key` if one is missing. */
  async openers(ids: Iterable<string>): Promise<ReadonlyMap<string, MasterKey>> {
    const wanted = [...new Set(ids)]
    const keys = new Map<string, MasterKey>()
    // Read a file only if it is needed, since a broken file must not block a key in a variable. `next` exists if the last
    // step of a rotation failed.
    const places = [
      async () => this.fixed,
      async () => this.#previous,
      () => this.files.read('current'),
      () => this.files.read('next'),
    ]
    for (const place of places) {
      if (wanted.every((id) => keys.has(id))) return keys
      const key = await place()
      if (key !== null) keys.set(key.id, key)
    }
    const unknown = wanted.find((id) => !keys.has(id))
    if (unknown === undefined) return keys
    const current = await this.current()
    throw current === null ? this.#noKey(unknown) : this.#wrongKey(unknown, current)
  }

  #noKey(sealedBy: string): CredentialError {
    const path = this.files.pathOf('current')
    const message = `the master key is missing: key ${sealedBy} seals the stored credentials, and ${path} does not exist`
    const cure = `restore that file, or put the key into ${KEY_VARIABLE}`
    return new CredentialError('no-master-key', 'stored', message, { cure })
  }

  #wrongKey(sealedBy: string, { id }: MasterKey): CredentialError {
    const where = this.fixed === null ? this.files.pathOf('current') : KEY_VARIABLE
    const message = `the master key in ${where} (${id}) is not the one that seals the stored credentials (${sealedBy})`
    const cure = `put the right key there, or the old one into ${PREVIOUS_VARIABLE} and run \`glovebox credential rotate\``
    return new CredentialError('wrong-master-key', 'stored', message, { cure })
  }
}
