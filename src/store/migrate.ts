import type { Kysely } from 'kysely'
import type { Database, SchemaDialect } from './database.ts'
import type { Schema } from './schema.ts'
import { StoreError } from './store-error.ts'

export interface Migration {
  /** From 1, without a gap. */
  version: number
  name: string
  up(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void>
}

/** Brings the database to the newest schema. StoreError `newer-schema` if a newer Glovebox wrote the database. */
export async function migrate(
  { writer, dialect }: Pick<Database, 'writer' | 'dialect'>,
  migrations: readonly Migration[],
  now: () => number,
): Promise<void> {
  await writer.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute()
  const known = migrations.at(-1)?.version ?? 0
  for (const migration of migrations) {
    // The version is read inside the transaction that raises it, so two simultaneous starts cannot both apply a
    // migration.
    await writer.transaction().execute(async (trx) => {
      const current = await currentVersion(trx)
      if (current > known) throw tooNew(current, known)
      if (current >= migration.version) return
      await migration.up(trx as unknown as Kysely<unknown>, dialect)
      const row = { version: migration.version, name: migration.name, applied_at: now() }
      await trx.insertInto('schema_migrations').values(row).execute()
    })
  }
}

async function currentVersion(db: Kysely<Schema>): Promise<number> {
  const query = db.selectFrom('schema_migrations').select((select) => select.fn.max('version').as('version'))
  return (await query.executeTakeFirst())?.version ?? 0
}

function tooNew(current: number, known: number): StoreError {
  const found = `the data folder has schema version ${current}, written by a newer Glovebox; this one knows up to ${known}`
  return new StoreError('newer-schema', `${found}. Start the newer Glovebox, or choose another data folder`)
}
