// A master key is 32 random bytes. Its id and each working key are derived from it (HKDF, RFC 5869), so that the id reveals
// nothing and further uses need no second master key.
import { createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { CredentialError } from './types.ts'

export const KEY_BYTES = 32
const SEAL_CONTEXT = 'glovebox credentials v1: seal'
const ID_CONTEXT = 'glovebox credentials v1: key id'
const ID_BYTES = 8

export interface MasterKey {
  id: string
  /** For AES-256-GCM. */
  seal: KeyObject
}

export function masterKey(bytes: Uint8Array): MasterKey {
  const id = Buffer.from(derive(bytes, ID_CONTEXT, ID_BYTES)).toString('hex')
  return { id, seal: createSecretKey(derive(bytes, SEAL_CONTEXT, KEY_BYTES)) }
}

/** Parses base64 (either alphabet) or hex. `where` names the variable or file; errors never quote the text. */
export function parseMasterKey(text: string, where: string): MasterKey {
  const trimmed = text.trim()
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return masterKey(Buffer.from(trimmed, 'hex'))
  if (/^[A-Za-z0-9+/]{43}=?$/.test(trimmed)) return masterKey(Buffer.from(trimmed, 'base64'))
  if (/^[A-Za-z0-9_-]{43}=?$/.test(trimmed)) return masterKey(Buffer.from(trimmed, 'base64url'))
  throw new CredentialError('bad-master-key', 'stored', `${where} holds no key: a key is 32 bytes in base64 or hex`, {
    cure: 'create one with `openssl rand -base64 32`',
  })
}

function derive(bytes: Uint8Array, context: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', bytes, '', context, length))
}
