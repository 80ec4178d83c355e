// Interfaces of the credentials room. The gateway adds secrets to requests outside the sandbox; no secret enters a sandbox
// (invariant 1).
import type { Actor } from '../domain/actor.ts'
import type { Connection } from '../domain/connections/connection.ts'
import type { SecretSource } from '../domain/connections/secret-source.ts'

/** A secret in memory. It prints as `[secret]`, so that it cannot get into a log or an error message by accident. */
export interface Secret {
  /** The secret as text, of one line or several. A caller that puts it into a header must check that it fits. */
  reveal(): string
  toString(): string
  toJSON(): string
}

/** Reads secrets anew for each call, so that a rotated secret is used at once. */
export interface SecretReader {
  /** Returns null if the connection needs no key (`from: none`). Rejects with CredentialError if it cannot read the key. */
  read(connection: Pick<Connection, 'kind' | 'name' | 'credential'>, signal: AbortSignal): Promise<Secret | null>
  /** All configured secrets that can be read now, to search data that enters a sandbox for them. Never rejects. */
  known(): Promise<readonly Secret[]>
}

/** Facts about a stored secret that are known without opening it. */
export interface StoredSecretInfo {
  name: string
  createdAt: number
  updatedAt: number
  /** Id of the master key that seals it: the first hex digits of a digest of the key. */
  key: string
}

/** Glovebox's own encrypted store. Each change is committed together with its event (invariant 10). */
export interface StoredSecrets {
  /** Sorted by name. */
  list(): Promise<readonly StoredSecretInfo[]>
  /** Rejects with CredentialError `bad-secret` or an error of the master key. */
  set(actor: Actor, name: string, value: string): Promise<StoredSecretInfo>
  /** Rejects with CredentialError `not-found`. */
  remove(actor: Actor, name: string): Promise<void>
  /** Seals all secrets under another master key, in one transaction. */
  rotate(actor: Actor): Promise<Rotation>
}

export interface Rotation {
  /** Ids of the master keys that sealed the secrets before. */
  from: readonly string[]
  to: string
  credentials: number
}

/** Connections of the configuration file and of the API. For equal names the file takes precedence. */
export interface Connections {
  /** Sorted by name. */
  list(): Promise<readonly Connection[]>
  get(name: string): Promise<Connection | null>
}

/** Each change is committed together with its event (invariant 10). */
export interface ManagedConnections extends Connections {
  /** Whether the configuration file has a connection of this name. */
  inFile(name: string): boolean
  /** Rejects with ConnectionError. */
  set(actor: Actor, connection: Connection): Promise<void>
  /** Rejects with ConnectionError. */
  remove(actor: Actor, name: string): Promise<void>
}

/** The result of testing a connection's key. It contains no text of the provider, since that may repeat the key. */
export interface ConnectionTest {
  outcome: 'works' | 'key-refused' | 'refused' | 'failed' | 'unreachable'
  message: string
  cure: string | null
  /** null: no answer. */
  status: number | null
  /** Configured models that the provider does not list. */
  missing: readonly string[]
}

/** Tests whether the provider accepts the secret. Rejects only if the signal aborts. */
export type TestConnection = (
  connection: Connection,
  secret: Secret | null,
  signal: AbortSignal,
) => Promise<ConnectionTest>

export class ConnectionError extends Error {
  readonly code: 'not-found' | 'in-file' | 'outside-source' | 'keeps-credential' | 'credential-taken'
  readonly cure: string | null
  constructor(code: ConnectionError['code'], message: string, cure: string | null = null) {
    super(message)
    this.name = 'ConnectionError'
    this.code = code
    this.cure = cure
  }
}

export class CredentialError extends Error {
  readonly code:
    | 'not-found'
    | 'no-master-key'
    | 'wrong-master-key'
    | 'bad-master-key'
    | 'unsafe-file'
    | 'bad-secret'
    /** The stored bytes differ from those that were stored under this name. */
    | 'altered'
    /** A rotation without a new key. */
    | 'same-master-key'
    | 'source-failed'
  /** The kind of source that was read; never its content. */
  readonly source: SecretSource['from']
  readonly cure: string | null
  constructor(
    code: CredentialError['code'],
    source: SecretSource['from'],
    message: string,
    options: ErrorOptions & { cure?: string } = {},
  ) {
    super(message, options)
    this.name = 'CredentialError'
    this.code = code
    this.source = source
    this.cure = options.cure ?? null
  }
}
