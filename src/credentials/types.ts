// Secrets that the gateway adds on the far side of the wall. Nothing of this reaches a sandbox (invariant 1).
import type { Connection, SecretSource } from '../domain/connection.ts'

/** A secret in memory. It prints as `[secret]`, so that no log or error message can hold it by accident. */
export interface Secret {
  /** The bytes as text; for a header and nothing else. */
  reveal(): string
  toString(): string
  toJSON(): string
}

/** Reads secrets, each time it is asked, so that a rotated one is used at once. */
export interface SecretReader {
  /** null: the source says that there is no key to send (`from: none`). Rejects with CredentialError otherwise. */
  read(connection: Pick<Connection, 'name' | 'credential'>, signal: AbortSignal): Promise<Secret | null>
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

export class CredentialError extends Error {
  readonly code:
    | 'not-found'
    | 'no-master-key'
    | 'wrong-master-key'
    | 'bad-master-key'
    | 'unsafe-file'
    | 'bad-secret'
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
