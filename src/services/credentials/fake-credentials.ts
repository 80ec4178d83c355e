// The part of the fake that keeps credentials and connections. It holds values, as tests look at what arrived.
import type { ConnectionInfo, ConnectionTestResult } from '../../contract/connections.ts'
import type { StoredSecretInfo } from '../../credentials/types.ts'
import type { Actor } from '../../domain/actor.ts'
import { isUnencrypted } from '../../domain/unencrypted.ts'
import { ServiceError, type Services } from '../types.ts'

export interface FakeCredentials {
  values: Map<string, string>
  connections: Map<string, ConnectionInfo>
  connectionTest: Omit<ConnectionTestResult, 'connection'>
}

type CredentialServices = Pick<
  Services,
  Extract<keyof Services, `${string}Credential${string}` | `${string}Connection${string}`>
>

const TIME = Date.UTC(2026, 0, 2, 3, 4, 5)
const KEY = '0123456789abcdef'

export function fakeCredentials(ask: (actor: Actor, method: string) => void): FakeCredentials & CredentialServices {
  const fake: FakeCredentials = {
    values: new Map(),
    connections: new Map(),
    connectionTest: { outcome: 'works', message: 'it takes the key', cure: null, status: 200, missing: [] },
  }
  const info = (name: string): StoredSecretInfo => ({ name, createdAt: TIME, updatedAt: TIME, key: KEY })

  function find(name: string): ConnectionInfo {
    const found = fake.connections.get(name)
    if (!found) throw new ServiceError('not-found', `There is no connection ${name}`)
    return found
  }

  const services: CredentialServices = {
    async listCredentials(actor) {
      ask(actor, 'listCredentials')
      return [...fake.values.keys()].map(info)
    },
    async setCredential(actor, name, value) {
      ask(actor, 'setCredential')
      fake.values.set(name, value)
      return info(name)
    },
    async removeCredential(actor, name) {
      ask(actor, 'removeCredential')
      if (!fake.values.delete(name)) throw new ServiceError('not-found', `There is no credential ${name}`)
    },
    async rotateCredentials(actor) {
      ask(actor, 'rotateCredentials')
      return { from: [KEY], to: 'f'.repeat(16), credentials: fake.values.size }
    },
    async listConnections(actor) {
      ask(actor, 'listConnections')
      return [...fake.connections.values()]
    },
    async getConnection(actor, name) {
      ask(actor, 'getConnection')
      return find(name)
    },
    async setConnection(actor, connection) {
      ask(actor, 'setConnection')
      const { credential, ...same } = connection
      const unencrypted = isUnencrypted(connection)
      const shown = { ...same, credential: credential.from, unencrypted, origin: 'api' as const }
      fake.connections.set(same.name, shown)
      return shown
    },
    async removeConnection(actor, name) {
      ask(actor, 'removeConnection')
      fake.connections.delete(find(name).name)
    },
    async testConnection(actor, name) {
      ask(actor, 'testConnection')
      return { connection: find(name).name, ...fake.connectionTest }
    },
  }
  return Object.assign(fake, services)
}
