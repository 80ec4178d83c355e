// Opens the credentials room: one call returns everything that the rest of Glovebox may use of it.
import type { Connection } from '../domain/connections/connection.ts'
import type { Store } from '../store/types.ts'
import type { Outgoing } from '../outgoing/settings.ts'
import { openOutside } from './ask-outside.ts'
import { KeyFiles } from './key-file.ts'
import type { KeyVariables } from './keyring.ts'
import { Keyring } from './keyring.ts'
import { createSecretReader } from './known-secrets.ts'
import { kindOf } from './kinds/kinds.ts'
import { createConnections, storedName } from './managed-connections.ts'
import type { StoredProbe } from './probe-stored.ts'
import { probeStored } from './probe-stored.ts'
import type { Variable } from './sources/environment-source.ts'
import { SealedSecrets } from './stored-secrets.ts'
import type { ManagedConnections, Secret, SecretReader, StoredSecrets, TestConnection } from './types.ts'

export interface CredentialOptions {
  store: Store
  /** Folder of the master key's file. */
  dataFolder: string
  masterKey: KeyVariables
  /** Connections of the configuration file. */
  connections: readonly Connection[]
  variable: Variable
  /** PATH and HOME for commands. */
  hostEnvironment: Readonly<Record<string, string>>
  outgoing: Outgoing
  now: () => number
}

export interface Credentials extends AsyncDisposable {
  readonly reader: SecretReader
  readonly stored: StoredSecrets
  readonly connections: ManagedConnections
  readonly test: TestConnection
  /** Checks for `glovebox doctor`. */
  probe(): Promise<readonly StoredProbe[]>
}

/** Rejects with CredentialError `bad-master-key` if a variable is malformed. The caller must hold the data folder. */
export async function openCredentials(options: CredentialOptions): Promise<Credentials> {
  const { store, hostEnvironment, now } = options
  const connections = createConnections(store, options.connections, now)
  const keyring = new Keyring(options.masterKey, new KeyFiles(options.dataFolder))
  const stored = new SealedSecrets(store, keyring, now, (name, secret) => problemOf(connections, name, secret))
  // A failure must not stop runs without models. The next change of a credential tries again and reports the reason.
  await stored.recover().catch(() => {})
  const outside = openOutside(options.outgoing)
  const commands = { PATH: hostEnvironment['PATH'] ?? '/usr/bin:/bin', HOME: hostEnvironment['HOME'] ?? '/' }
  return {
    reader: createSecretReader({ stored, variable: options.variable, commands, ask: outside.ask }, connections),
    stored,
    connections,
    test: (connection, secret, signal) => kindOf(connection).test(outside.ask, connection, secret, signal),
    probe: async () => [await probeStored(stored)].filter((probe) => probe !== null),
    [Symbol.asyncDispose]: () => outside[Symbol.asyncDispose](),
  }
}

/** A credential may be set before its connection; then its fitness is checked at the first use. */
async function problemOf(connections: ManagedConnections, name: string, secret: Secret): Promise<string | null> {
  const users = (await connections.list()).filter((connection) => storedName(connection) === name)
  return users.map((connection) => kindOf(connection).problem(secret)).find((problem) => problem !== null) ?? null
}
