import type { Kysely } from 'kysely'
import { z } from 'zod'
import { ConnectionName } from '../../domain/connections/connection-name.ts'
import type { CredentialRow, Schema } from '../schema.ts'
import { StoreError } from '../store-error.ts'

/** A secret as stored: always encrypted. */
export const SealedCredential = z.object({
  name: ConnectionName,
  sealed: z.base64().describe('ciphertext and tag'),
  nonce: z.base64(),
  key: z
    .string()
    .regex(/^[0-9a-f]{1,64}$/)
    .describe('id of the master key that encrypts it'),
  createdAt: z.int(),
  updatedAt: z.int(),
})
export type SealedCredential = z.infer<typeof SealedCredential>

export interface CredentialReads {
  get(name: string): Promise<SealedCredential | null>
  /** Sorted by name. */
  list(): Promise<readonly SealedCredential[]>
}

export interface CredentialWrites {
  /**
   * Inserts the credential, or replaces the one with the same name but keeps its createdAt. Resolves with the stored
   * one.
   */
  put(credential: SealedCredential): Promise<SealedCredential>
  /** Returns false if no credential has this name. */
  remove(name: string): Promise<boolean>
}

export const credentials = { reads, writes }

function reads(db: Kysely<Schema>): CredentialReads {
  return {
    async get(name) {
      const row = await db.selectFrom('credentials').selectAll().where('name', '=', name).executeTakeFirst()
      return row ? fromRow(row) : null
    },
    async list() {
      return (await db.selectFrom('credentials').selectAll().orderBy('name').execute()).map(fromRow)
    },
  }
}

function writes(db: Kysely<Schema>): CredentialWrites {
  return {
    async put(credential) {
      const row = toRow(credential)
      const { name: _name, created_at: _createdAt, ...changed } = row
      const insert = db.insertInto('credentials').values(row)
      const stored = await insert
        .onConflict((conflict) => conflict.column('name').doUpdateSet(changed))
        .returningAll()
        .executeTakeFirstOrThrow()
      return fromRow(stored)
    },
    async remove(name) {
      const { numDeletedRows } = await db.deleteFrom('credentials').where('name', '=', name).executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}

function toRow({ name, sealed, nonce, key, createdAt, updatedAt }: SealedCredential): CredentialRow {
  return { name, sealed, nonce, key_id: key, created_at: createdAt, updated_at: updatedAt }
}

function fromRow({ name, sealed, nonce, key_id, created_at, updated_at }: CredentialRow): SealedCredential {
  const row = { name, sealed, nonce, key: key_id, createdAt: created_at, updatedAt: updated_at }
  const credential = SealedCredential.safeParse(row)
  if (!credential.success)
    throw new StoreError('corrupt', `a stored credential is malformed: ${credential.error.message}`)
  return credential.data
}
