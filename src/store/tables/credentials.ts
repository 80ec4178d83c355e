import type { Kysely } from 'kysely'
import type { CredentialRow, Schema } from '../schema.ts'
import type { CredentialTable, SealedCredential } from '../types.ts'

/** put() reads and writes: give it a transaction. */
export function credentialsTable(db: Kysely<Schema>): CredentialTable {
  async function get(name: string): Promise<SealedCredential | null> {
    const row = await db.selectFrom('credentials').selectAll().where('name', '=', name).executeTakeFirst()
    return row ? fromRow(row) : null
  }
  return {
    get,
    async put(credential) {
      const row = toRow(credential)
      const { name, created_at: _, ...changed } = row
      const insert = db.insertInto('credentials').values(row)
      await insert.onConflict((conflict) => conflict.column('name').doUpdateSet(changed)).execute()
      return (await get(name)) as SealedCredential
    },
    async remove(name) {
      const { numDeletedRows } = await db.deleteFrom('credentials').where('name', '=', name).executeTakeFirst()
      return numDeletedRows > 0n
    },
    async list() {
      return (await db.selectFrom('credentials').selectAll().orderBy('name').execute()).map(fromRow)
    },
  }
}

function toRow({ name, sealed, nonce, key, createdAt, updatedAt }: SealedCredential): CredentialRow {
  return { name, sealed, nonce, key_id: key, created_at: createdAt, updated_at: updatedAt }
}

function fromRow({ name, sealed, nonce, key_id, created_at, updated_at }: CredentialRow): SealedCredential {
  return { name, sealed, nonce, key: key_id, createdAt: created_at, updatedAt: updated_at }
}
