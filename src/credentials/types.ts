// Secrets that the gateway adds on the far side of the wall. Nothing of this reaches a sandbox (invariant 1).
import type { Actor } from '../domain/actor.ts'
import type { Connection } from '../domain/connections/connection.ts'
import type { SecretSource } from '../domain/connections/secret-source.ts'

/** A secret in memory. It prints as `[secret]`, so that no log or error message can hold it by accident. */
export interface Secret {
  /** The bytes as text, of one line or several; whoever puts it into a header looks whether it fits there. */
  reveal(): string
  toString(): string
  toJSON(): string
}

/** Reads secrets, each time it is asked, so that a rotated one is used at once. */
export interface SecretReader {
  /** null: the source says that there is no key to send (`from: none`). Rejects with CredentialError otherwise. */
  read(connection: Pick<Connection, 'kind' | 'name' | 'credential'>, signal: AbortSignal): Promise<Secret | null>
  /** Every secret that is configured and can be had now, to look for in what goes inside. Never rejects. */
  known(): Promise<readonly Secret[]>
}

/** What can be known of a stored secret without opening it. */
export interface StoredSecretInfo {
  name: string
  createdAt: number
  updatedAt: number
  /** Which master key seals it, as the first hexadecimal digits of its digest. */
  key: string
}

/** Glovebox's own encrypted store. Each change is committed together with its event (invariant 10). */
export interface StoredSecrets {
  /** By name. */
  list(): Promise<readonly StoredSecretInfo[]>
  /** Rejects with CredentialError `bad-secret`, or because of the master key. */
  set(actor: Actor, name: string, value: string): Promise<StoredSecretInfo>
  /** Rejects with CredentialError `not-found`. */
  remove(actor: Actor, name: string): Promise<void>
  /** Seals all of them under another master key, or none. */
  rotate(actor: Actor): Promise<Rotation>
}

export interface Rotation {
  /** Ids of the master keys that sealed before. */
  from: readonly string[]
  to: string
  credentials: number
}

/** Those of the configuration file, whose names win, and those that were set through the API. */
export interface Connections {
  /** By name. */
  list(): Promise<readonly Connection[]>
  get(name: string): Promise<Connection | null>
}

/** Each change is committed together with its event (invariant 10). */
export interface ManagedConnections extends Connections {
  /** Whether the configuration file has it. */
  inFile(name: string): boolean
  /** Rejects with ConnectionError. */
  set(actor: Actor, connection: Connection): Promise<void>
  /** Rejects with ConnectionError. */
  remove(actor: Actor, name: string): Promise<void>
}

/** How the other side took a connection's key. Nothing in it is text of its own: that may repeat the key. */
export interface ConnectionTest {
  outcome: 'works' | 'key-refused' | 'refused' | 'failed' | 'unreachable'
  message: string
  cure: string | null
  /** null: no answer. */
  status: number | null
  /** Configured models that the provider does not list. */
  missing: readonly string[]
}

/** Whether the other side takes the secret. Rejects only when the signal aborts. */
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
    /** The stored bytes are not what was stored under this name. */
    | 'altered'
    /** Rotation without another key to rotate to. */
    | 'same-master-key'
    | 'source-failed'
  /** Where it was looked for; never what was found. */
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
