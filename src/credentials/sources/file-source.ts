import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { MAX_SECRET_BYTES, secretFromBytes } from '../secret-text.ts'
import type { SecretText } from '../secret-text.ts'
import { CredentialError } from '../types.ts'

/**
 * Reads a secret from a file. It follows links, since mounted secrets are links, and checks the file that it opened. It
 * refuses a file that anyone but its owner may read or write.
 */
export async function readSecretFile(path: string): Promise<SecretText> {
  let file
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    throw failed('source-failed', `the file ${path} can't be read: ${code}`)
  }
  await using _ = file
  const stat = await file.stat()
  if (!stat.isFile()) throw failed('unsafe-file', `${path} is not a regular file`)
  const me = process.geteuid?.()
  if (stat.uid !== me && stat.uid !== 0 && me !== 0)
    throw failed('unsafe-file', `${path} belongs to another account (uid ${stat.uid})`)
  if ((stat.mode & 0o077) !== 0) throw failed('unsafe-file', `${path} is open to other users`, `chmod 600 ${path}`)
  if (stat.size > MAX_SECRET_BYTES + 2) throw failed('bad-secret', `${path} is over ${MAX_SECRET_BYTES} bytes`)
  return secretFromBytes(await file.readFile(), 'file', `the file ${path}`)
}

function failed(code: CredentialError['code'], message: string, cure?: string): CredentialError {
  return new CredentialError(code, 'file', message, cure === undefined ? {} : { cure })
}
