import type { Kysely } from 'kysely'
import { Connection } from '../../domain/connections/connection.ts'
import { whyNotFromApi } from '../../domain/api-sources.ts'
import type { ConnectionRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

/** Connections that were created through the API. */
export interface ConnectionReads {
  get(name: string): Promise<Connection | null>
  /** Sorted by name. */
  list(): Promise<readonly Connection[]>
}

export interface ConnectionWrites {
  /** Inserts the connection, or replaces the one with the same name. */
  put(connection: Connection, time: number): Promise<void>
  /** Returns false if no connection has this name. */
  remove(name: string): Promise<boolean>
}

export const connections = { reads, writes }

function reads(db: Kysely<Schema>): ConnectionReads {
  return {
    async get(name) {
      const row = await db.selectFrom('connections').selectAll().where('name', '=', name).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async list() {
      return (await db.selectFrom('connections').selectAll().orderBy('name').execute()).map(fromRow)
    },
  }
}

function writes(db: Kysely<Schema>): ConnectionWrites {
  return {
    async put(value, time) {
      const connection = Connection.safeParse(value)
      if (!connection.success) throw new StoreError('invalid', `connection ${value.name}: ${connection.error.message}`)
      const changed = { definition: JSON.stringify(connection.data), updated_at: time }
      const insert = db.insertInto('connections').values({ name: value.name, ...changed, created_at: time })
      await insert.onConflict((conflict) => conflict.column('name').doUpdateSet(changed)).execute()
    },
    async remove(name) {
      const { numDeletedRows } = await db.deleteFrom('connections').where('name', '=', name).executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

/** A row is validated like a request to the API, since another program may have written the database file. */
function fromRow({ name, definition }: ConnectionRow): Connection {
  const connection = Connection.safeParse(readJson(definition))
  if (!connection.success) throw notOfTheApi(name, 'it is malformed')
  if (connection.data.name !== name) throw notOfTheApi(name, `it calls itself ${connection.data.name}`)
  const why = whyNotFromApi(name, connection.data.credential)
  if (why !== null) throw notOfTheApi(name, why)
  return connection.data
}

function notOfTheApi(name: string, why: string): StoreError {
  const message = `the connection ${name} in the database is none that the API would take, and is not used: ${why}`
  return new StoreError('corrupt', `${message}. Remove it: glovebox connection remove ${name}`)
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
