// Collects all configured secrets, so that the gateway can search data that enters a sandbox for them. Slow sources are
// read from time to time, the others every time. A secret that was read once stays in the collection, since a rotated key
// may still work.
import type { Connection } from '../domain/connections/connection.ts'
import type { SecretPlaces } from './secret-reader.ts'
import { readSource } from './secret-reader.ts'
import { kindOf } from './kinds/kinds.ts'
import { SecretText } from './secret-text.ts'
import { CredentialError } from './types.ts'
import type { Connections, Secret, SecretReader, StoredSecretInfo } from './types.ts'

const MAX_REMEMBERED = 1_000
const REFRESH_MS = 60_000
const PATIENCE_MS = 5_000
const SLOW = new Set(['command', 'vault'])

export function createSecretReader(
  places: SecretPlaces & { stored: { list(): Promise<readonly StoredSecretInfo[]> } },
  connections: Connections,
): SecretReader {
  const remembered = new Set<string>()
  let slowAsked = -Infinity
  let gathering: Promise<void> | null = null

  function remember(secret: SecretText): void {
    remembered.delete(secret.reveal())
    remembered.add(secret.reveal())
    const oldest = remembered.values().next()
    if (remembered.size > MAX_REMEMBERED && !oldest.done) remembered.delete(oldest.value)
  }

  async function gather(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS)
    const askSlow = performance.now() - slowAsked > REFRESH_MS
    if (askSlow) slowAsked = performance.now()
    const stored = await places.stored.list().catch(() => [])
    const configured = await connections.list().catch(() => [])
    const asked: Asked[] = [
      ...stored.map(({ name }) => ({ name, credential: { from: 'stored' as const } })),
      ...configured.filter(({ credential }) => askSlow || !SLOW.has(credential.from)),
    ]
    const all = asked.map((one) => readSource(places, one, signal, remember))
    await Promise.race([Promise.allSettled(all), aborted(signal)])
  }

  return {
    async read(connection, signal) {
      const secret = await readSource(places, connection, signal, remember)
      const problem = secret === null ? null : kindOf(connection).problem(secret)
      if (problem === null) return secret
      throw new CredentialError('bad-secret', connection.credential.from, `the key of ${connection.name} ${problem}`)
    },
    async known(): Promise<readonly Secret[]> {
      gathering ??= gather()
        .catch(() => {})
        .finally(() => (gathering = null))
      await gathering
      return [...remembered].map((text) => new SecretText(text))
    },
  }
}

type Asked = Pick<Connection, 'name' | 'credential'>

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
