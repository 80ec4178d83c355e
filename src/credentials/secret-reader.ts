// Reads a secret from any kind of source.
import type { Connection } from '../domain/connections/connection.ts'
import type { SecretSource } from '../domain/connections/secret-source.ts'
import type { AskOutside } from './ask-outside.ts'
import type { SecretText } from './secret-text.ts'
import type { CommandEnvironment } from './sources/command-source.ts'
import { runSecretCommand } from './sources/command-source.ts'
import type { Variable } from './sources/environment-source.ts'
import { readVariable } from './sources/environment-source.ts'
import { readSecretFile } from './sources/file-source.ts'
import type { VaultSource } from './sources/vault-source.ts'
import { readVault } from './sources/vault-source.ts'
import { CredentialError } from './types.ts'

/** The places that sources read from. */
export interface SecretPlaces {
  stored: { read(name: string): Promise<SecretText> }
  variable: Variable
  commands: CommandEnvironment
  ask: AskOutside
}

/** Calls `seen` with every secret that it reads, also with the token for Vault. */
export async function readSource(
  places: SecretPlaces,
  { name, credential }: Pick<Connection, 'name' | 'credential'>,
  signal: AbortSignal,
  seen: (secret: SecretText) => void,
): Promise<SecretText | null> {
  signal.throwIfAborted()
  const secret = await read(places, name, credential, signal, seen)
  if (secret !== null) seen(secret)
  return secret
}

async function read(
  places: SecretPlaces,
  name: string,
  source: SecretSource,
  signal: AbortSignal,
  seen: (secret: SecretText) => void,
): Promise<SecretText | null> {
  switch (source.from) {
    case 'none':
      return null
    case 'stored':
      return places.stored.read(source.name ?? name)
    case 'environment':
      return readVariable(places.variable, source.variable)
    case 'file':
      return readSecretFile(source.path)
    case 'command':
      return runSecretCommand(source.argv, places.commands, signal)
    case 'vault': {
      const token = await vaultToken(places, source)
      seen(token)
      return readVault(source, token, places.ask, signal)
    }
  }
}

async function vaultToken(places: SecretPlaces, { token }: VaultSource): Promise<SecretText> {
  const read =
    token.from === 'environment' ? readVariable(places.variable, token.variable) : await readSecretFile(token.path)
  if (!/[\r\n]/.test(read.reveal())) return read
  throw new CredentialError('bad-secret', 'vault', 'the token for Vault contains a line break; a token is one line')
}
