// Seals a secret under a master key with AES-256-GCM and a random nonce of 96 bits (NIST SP 800-38D, 8.2.2). Name and key
// id are authenticated data: a row with another name or a changed bit does not open.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { MasterKey } from './master-key.ts'
import type { SecretText } from './secret-text.ts'
import { secretText } from './secret-text.ts'
import { CredentialError } from './types.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

export interface Sealed {
  /** Ciphertext and tag, in base64. */
  sealed: string
  nonce: string
  /** Id of the master key. */
  key: string
}

export function seal(key: MasterKey, name: string, secret: SecretText): Sealed {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key.seal, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associated(name, key.id))
  const sealed = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final(), cipher.getAuthTag()])
  return { sealed: sealed.toString('base64'), nonce: nonce.toString('base64'), key: key.id }
}

/** Throws CredentialError `altered` if the bytes, the name or the key is not the sealed one. */
export function unseal(key: MasterKey, name: string, { sealed, nonce }: Sealed): SecretText {
  try {
    const bytes = Buffer.from(sealed, 'base64')
    const body = bytes.subarray(0, -TAG_BYTES)
    const decipher = createDecipheriv(CIPHER, key.seal, Buffer.from(nonce, 'base64'), { authTagLength: TAG_BYTES })
    decipher.setAAD(associated(name, key.id))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    return secretText(text, 'stored', `credential ${name}`)
  } catch (error) {
    throw new CredentialError('altered', 'stored', `credential ${name} is not what was stored under that name`, {
      cure: `put it in again: glovebox credential set ${name}`,
      cause: error,
    })
  }
}

/** Encoded as JSON, so that different pairs give different bytes. */
function associated(name: string, key: string): Buffer {
  return Buffer.from(JSON.stringify(['glovebox credential v1', name, key]))
}
