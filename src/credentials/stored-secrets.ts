// Glovebox's encrypted store: rows of the database, sealed under a master key that is not in the database.
import type { Actor } from '../domain/actor.ts'
import type { NewEvent } from '../domain/event.ts'
import type { SealedCredential, Store } from '../store/types.ts'
import type { Keyring } from './keyring.ts'
import { KEY_VARIABLE, PREVIOUS_VARIABLE } from './keyring.ts'
import type { MasterKey } from './master-key.ts'
import { seal, unseal } from './seal.ts'
import type { SecretText } from './secret-text.ts'
import { secretText } from './secret-text.ts'
import { CredentialError } from './types.ts'
import type { Rotation, Secret, StoredSecretInfo, StoredSecrets } from './types.ts'

/** Returns why a connection that uses this name cannot use the secret; null if no connection refuses it. */
type ProblemOf = (name: string, secret: Secret) => Promise<string | null>

export class SealedSecrets implements StoredSecrets {
  readonly #store: Store
  readonly #keyring: Keyring
  readonly #now: () => number
  readonly #problemOf: ProblemOf
  /** Runs changes one at a time: a secret must not be sealed under a key and stored after that key was rotated. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: Store, keyring: Keyring, now: () => number, problemOf: ProblemOf) {
    this.#store = store
    this.#keyring = keyring
    this.#now = now
    this.#problemOf = problemOf
  }

  async list(): Promise<readonly StoredSecretInfo[]> {
    return (await this.#store.credentials.list()).map(infoOf)
  }

  /** Rejects with `not-found`, `altered`, or an error of the master key. */
  async read(name: string): Promise<SecretText> {
    const row = await this.#store.credentials.get(name)
    if (row === null) throw notFound(name)
    const keys = await this.#keyring.openers([row.key])
    return unseal(keys.get(row.key)!, name, row)
  }

  set(actor: Actor, name: string, value: string): Promise<StoredSecretInfo> {
    return this.#alone(async () => {
      const secret = secretText(value, 'stored', 'the value')
      const problem = await this.#problemOf(name, secret)
      if (problem !== null) throw new CredentialError('bad-secret', 'stored', `the value ${problem}`)
      await this.#settle()
      const rows = await this.#store.credentials.list()
      // Check that the keys open all rows. Otherwise the store would need two keys that are never present together.
      await this.#keyring.openers(rows.map((row) => row.key))
      const key = (await this.#keyring.current()) ?? (await this.#firstKey(rows))
      const time = this.#now()
      const row = { name, ...seal(key, name, secret), createdAt: time, updatedAt: time }
      return this.#store.transact(async (tx) => {
        const replaced = (await tx.credentials.get(name)) !== null
        const stored = await tx.credentials.put(row)
        await tx.record([event(actor, 'credential.set', { credential: name, key: key.id, replaced })])
        return infoOf(stored)
      })
    })
  }

  remove(actor: Actor, name: string): Promise<void> {
    return this.#alone(() =>
      this.#store.transact(async (tx) => {
        if (!(await tx.credentials.remove(name))) throw notFound(name)
        await tx.record([event(actor, 'credential.removed', { credential: name })])
      }),
    )
  }

  rotate(actor: Actor): Promise<Rotation> {
    return this.#alone(async () => {
      await this.#settle()
      const rows = await this.#store.credentials.list()
      const openers = await this.#keyring.openers(rows.map((row) => row.key))
      const opened = rows.map((row) => ({ row, secret: unseal(openers.get(row.key)!, row.name, row) }))
      const from = [...new Set(rows.map((row) => row.key))].toSorted()
      return this.#keyring.fixed === null
        ? this.#rotateFile(actor, opened, from)
        : this.#rotateToVariable(actor, opened, from, this.#keyring.fixed)
    })
  }

  /** The new key is durable before a secret is sealed under it. The old key stays until all secrets are sealed anew. */
  async #rotateFile(actor: Actor, opened: readonly Opened[], from: readonly string[]): Promise<Rotation> {
    const { files } = this.#keyring
    const next = await files.make('next')
    let rotation: Rotation
    try {
      rotation = await this.#reseal(actor, opened, from, next)
    } catch (error) {
      await this.#settle()
      throw error
    }
    await files.promote()
    return rotation
  }

  async #rotateToVariable(
    actor: Actor,
    opened: readonly Opened[],
    from: readonly string[],
    next: MasterKey,
  ): Promise<Rotation> {
    if (opened.every(({ row }) => row.key === next.id)) {
      const message = `the key in ${KEY_VARIABLE} (${next.id}) already seals every credential`
      const cure = `put a new key into ${KEY_VARIABLE} and this one into ${PREVIOUS_VARIABLE}, then rotate`
      throw new CredentialError('same-master-key', 'stored', message, { cure })
    }
    return this.#reseal(actor, opened, from, next)
  }

  #reseal(actor: Actor, opened: readonly Opened[], from: readonly string[], next: MasterKey): Promise<Rotation> {
    return this.#store.transact(async (tx) => {
      for (const { row, secret } of opened) await tx.credentials.put({ ...row, ...seal(next, row.name, secret) })
      const body = { from: [...from], to: next.id, credentials: opened.length }
      await tx.record([event(actor, 'credentials.rotated', body)])
      return body
    })
  }

  /**
   * Completes a rotation that a crash or an error interrupted. If its transaction was committed, the new key becomes the
   * current one. Otherwise no secret was sealed under the new key, and the key is removed.
   */
  recover(): Promise<void> {
    return this.#alone(async () => {
      await this.#keyring.files.sweep()
      await this.#settle()
    })
  }

  async #settle(): Promise<void> {
    const { files } = this.#keyring
    const next = await files.read('next')
    if (next === null) return
    const last = (await this.#store.events.list({ run: null, kinds: ['credentials.rotated'] })).at(-1)
    const committed = last?.kind === 'credentials.rotated' && last.body.to === next.id
    const used = (await this.#store.credentials.list()).some((row) => row.key === next.id)
    await (committed || used ? files.promote() : files.dropNext())
  }

  async #firstKey(rows: readonly SealedCredential[]): Promise<MasterKey> {
    // A new key would open no existing row. openers() has already refused that; this check is only a safeguard.
    if (rows.length > 0) throw new CredentialError('no-master-key', 'stored', 'the master key is missing')
    return this.#keyring.files.make('current')
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}

interface Opened {
  row: SealedCredential
  secret: SecretText
}

function infoOf({ name, createdAt, updatedAt, key }: SealedCredential): StoredSecretInfo {
  return { name, createdAt, updatedAt, key }
}

function notFound(name: string): CredentialError {
  return new CredentialError('not-found', 'stored', `the store has no credential ${name}`, {
    cure: 'see `glovebox credential list`',
  })
}

type CredentialEvent = Extract<NewEvent, { kind: 'credential.set' | 'credential.removed' | 'credentials.rotated' }>

function event<K extends CredentialEvent['kind']>(
  actor: Actor,
  kind: K,
  body: Extract<CredentialEvent, { kind: K }>['body'],
): NewEvent {
  return { run: null, source: 'platform', actor, kind, body } as NewEvent
}
