import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { MAX_SECRET_BYTES, secretFromBytes } from '../secret-text.ts'
import type { SecretText } from '../secret-text.ts'
import { CredentialError } from '../types.ts'

/**
 * A link is followed, as mounted secrets are links; what is checked is the file that was opened. It is refused when
 * anyone but its owner may read or write it.
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
  if (!stat.isFile()) throw failed('unsafe-file', `${path} is no regular file`)
  const me = process.geteuid?.()
  if (stat.uid !== me && stat.uid !== 0 && me !== 0)
    throw failed('unsafe-file', `${path} belongs to another account (uid ${stat.uid})`)
  if ((stat.mode & 0o077) !== 0) throw failed('unsafe-file', `${path} is open to others`, `chmod 600 ${path}`)
  if (stat.size > MAX_SECRET_BYTES + 2) throw failed('bad-secret', `${path} is over ${MAX_SECRET_BYTES} bytes`)
  return secretFromBytes(await file.readFile(), 'file', `the file ${path}`)
}

function failed(code: CredentialError['code'], message: string, cure?: string): CredentialError {
  return new CredentialError(code, 'file', message, cure === undefined ? {} : { cure })
}
