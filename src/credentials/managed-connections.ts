// The connections of this instance. Those in the configuration file belong to the operator: their names take precedence,
// and the API cannot change them.
import { createHash } from 'node:crypto'
import type { Actor } from '../domain/actor.ts'
import { API_SOURCES } from '../domain/api-sources.ts'
import { canonicalJson } from '../domain/canonical.ts'
import type { Connection } from '../domain/connections/connection.ts'
import type { NewEvent } from '../domain/event.ts'
import type { Store, Transaction } from '../store/types.ts'
import { kindOf } from './kinds/kinds.ts'
import { ConnectionError } from './types.ts'
import type { ManagedConnections } from './types.ts'

export function createConnections(
  store: Store,
  configured: readonly Connection[],
  now: () => number,
): ManagedConnections {
  const file = new Map(configured.map((connection) => [connection.name, connection]))

  return {
    inFile: (name) => file.has(name),
    async list() {
      const stored = (await store.connections.list()).filter(({ name }) => !file.has(name))
      return [...file.values(), ...stored].toSorted((a, b) => (a.name < b.name ? -1 : 1))
    },
    async get(name) {
      return file.get(name) ?? (await store.connections.get(name))
    },
    async set(actor, connection) {
      refuseNameOfFile(file, connection.name)
      refuseSource(file, connection)
      await store.transact(async (tx) => {
        const before = await tx.connections.get(connection.name)
        if (before !== null) await refuseToCarryOff(tx, before, connection)
        await tx.connections.put(connection, now())
        await tx.record([setEvent(actor, connection, before !== null)])
      })
    },
    async remove(actor, name) {
      refuseNameOfFile(file, name)
      await store.transact(async (tx) => {
        // It does not read the row, so that an altered row can be removed.
        if (!(await tx.connections.remove(name)))
          throw new ConnectionError('not-found', `there is no connection ${name}`, 'see `glovebox connection list`')
        if ((await tx.credentials.get(name)) !== null) throw keepsCredential(name, 'its connection can be removed')
        await tx.record([
          { run: null, source: 'platform', actor, kind: 'connection.removed', body: { connection: name } },
        ])
      })
    },
  }
}

function refuseNameOfFile(file: ReadonlyMap<string, Connection>, name: string): void {
  if (!file.has(name)) return
  throw new ConnectionError(
    'in-file',
    `the connection ${name} is in the configuration file`,
    'change it in glovebox.yaml',
  )
}

function refuseSource(file: ReadonlyMap<string, Connection>, { name, credential }: Connection): void {
  if (!API_SOURCES.includes(credential.from)) {
    const message = `a connection set through the API can only use a stored key or no key, not \`${credential.from}\``
    throw new ConnectionError('outside-source', message, 'put connections with other sources into glovebox.yaml')
  }
  const stored = credential.from === 'stored' ? (credential.name ?? name) : name
  if (stored !== name)
    throw new ConnectionError('credential-taken', `the connection ${name} may only use the credential ${name}`)
  const owner = [...file.values()].find((other) => storedName(other) === stored)
  if (owner !== undefined)
    throw new ConnectionError('credential-taken', `the credential ${stored} belongs to the connection ${owner.name}`)
}

/** Refuses to change the address of a connection with a stored key, so that the key is not sent to another host. */
async function refuseToCarryOff(tx: Transaction, before: Connection, after: Connection): Promise<void> {
  if (before.kind === after.kind && kindOf(before).origin(before) === kindOf(after).origin(after)) return
  if ((await tx.credentials.get(after.name)) !== null) throw keepsCredential(after.name, 'its address can change')
}

function keepsCredential(name: string, before: string): ConnectionError {
  return new ConnectionError(
    'keeps-credential',
    `the connection ${name} has a stored credential: remove the credential before ${before}`,
    `glovebox credential remove ${name}`,
  )
}

/** The name of its secret in the encrypted store; null: the secret comes from another source. */
export function storedName({ name, credential }: Connection): string | null {
  return credential.from === 'stored' ? (credential.name ?? name) : null
}

function setEvent(actor: Actor, connection: Connection, replaced: boolean): NewEvent {
  const { kind, name, url, credential } = connection
  const definition = `sha256:${createHash('sha256').update(canonicalJson(connection)).digest('hex')}`
  // An event has a bounded size, so long fields are cut; the digest covers the whole connection.
  const told = kindOf(connection).told(connection)
  const body = { connection: name, kind, url, ...told, credential: credential.from, definition, replaced }
  return { run: null, source: 'platform', actor, kind: 'connection.set', body }
}
