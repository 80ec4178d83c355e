// Test fixture: the credentials room, opened as the composition root does, over a real store in its own folder.
import { openCredentials } from '../../src/credentials/open-credentials.ts'
import type { CredentialOptions, Credentials } from '../../src/credentials/open-credentials.ts'
import type { Connection } from '../../src/domain/connections/connection.ts'
import type { Event } from '../../src/domain/event.ts'
import { DIRECT } from '../../src/outgoing/settings.ts'
import type { Store } from '../../src/store/types.ts'
import { MACHINE, open } from '../store/sample-records.ts'

export const ADA = { id: 'user:ada' }
export const KEY = 'sk-live-4f9a0c77e1d2'
export const NEVER = new AbortController().signal

export interface Instance extends AsyncDisposable {
  credentials: Credentials
  store: Store
  /** The key that a request with the stored credential of that name would send. */
  read(name: string): Promise<string | null>
  /** Events of the instance, oldest first. */
  events(): Promise<readonly Event[]>
}

export async function openInstance(folder: string, options: Partial<CredentialOptions> = {}): Promise<Instance> {
  const store = await open(folder)
  const credentials = await openCredentials({
    store,
    dataFolder: folder,
    masterKey: { current: null, previous: null },
    connections: [],
    variable: () => undefined,
    hostEnvironment: { PATH: process.env['PATH'] ?? '' },
    outgoing: DIRECT,
    now: MACHINE.now,
    ...options,
  })
  return {
    credentials,
    store,
    async read(name) {
      const secret = await credentials.reader.read({ kind: 'model', name, credential: { from: 'stored' } }, NEVER)
      return secret?.reveal() ?? null
    },
    events: () => store.events.list({ run: null }),
    async [Symbol.asyncDispose]() {
      await credentials[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

export function connection(fields: Partial<Connection> & { name: string }): Connection {
  return {
    kind: 'model',
    provider: 'openai',
    url: 'http://127.0.0.1:9/v1',
    models: ['gpt-5'],
    prices: {},
    currency: 'USD',
    credential: { from: 'stored' },
    'server-tools': [],
    fields: [],
    ...fields,
  }
}
