// The tables that callers see. To add a table, add a file in tables/ and an entry here.
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import { asks } from './tables/asks.ts'
import { attempts } from './tables/attempts.ts'
import { changes } from './tables/changes.ts'
import { claims } from './tables/claims.ts'
import { connections } from './tables/connections.ts'
import { credentials } from './tables/credentials.ts'
import { decisions } from './tables/decisions.ts'
import { leases } from './tables/leases.ts'
import { plans } from './tables/plans.ts'
import { runs } from './tables/runs.ts'

/** `reads`: methods of the store itself. `writes`: methods that need a transaction. */
const TABLES = { runs, plans, claims, leases, changes, decisions, attempts, asks, credentials, connections } as const

type Tables = typeof TABLES
export type ReadTables = { readonly [N in keyof Tables]: ReturnType<Tables[N]['reads']> }
export type WritableTables = {
  readonly [N in keyof Tables]: ReturnType<Tables[N]['reads']> & ReturnType<Tables[N]['writes']>
}

/** Runs one call of a method, or refuses it. */
export type Around = <T>(call: () => Promise<T>) => Promise<T>

/** Every method goes through `around`. */
export function readTables(db: Kysely<Schema>, around: Around): ReadTables {
  return eachTable((table) => through(table.reads(db), around)) as ReadTables
}

/** Every method goes through `around`. */
export function writableTables(db: Kysely<Schema>, around: Around): WritableTables {
  return eachTable((table) => through({ ...table.reads(db), ...table.writes(db) }, around)) as WritableTables
}

function eachTable(open: (table: Tables[keyof Tables]) => object): object {
  return Object.fromEntries(Object.entries(TABLES).map(([name, table]) => [name, open(table)]))
}

function through<T extends object>(methods: T, around: Around): T {
  const wrapped = Object.entries(methods as Record<string, (...given: unknown[]) => Promise<unknown>>).map(
    ([name, method]) => [name, (...given: unknown[]) => around(() => method(...given))],
  )
  return Object.fromEntries(wrapped) as T
}
