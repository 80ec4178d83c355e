// Reads secrets, apart from the configuration, so that they are never printed, recorded or part of a Config.
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { link, open, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ConfigError } from './config-error.ts'
import type { Environment } from './env.ts'

const TOKEN_BYTES = 32
const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Raw values; an empty one is an error. The credentials room checks them. */
export function masterKeyVariables(env: Environment): { current: string | null; previous: string | null } {
  return { current: env['GLOVEBOX_MASTER_KEY'] ?? null, previous: env['GLOVEBOX_PREVIOUS_MASTER_KEY'] ?? null }
}

/** Reads the token for TCP clients of the server from `<data>/api-token`, and creates the file if it is missing. */
export async function readApiToken(dataFolder: string): Promise<string> {
  const path = join(dataFolder, 'api-token')
  return (await readToken(path)) ?? (await makeToken(path))
}

async function readToken(path: string): Promise<string | null> {
  const file = await openExisting(path)
  if (file === null) return null
  try {
    const { mode, uid } = await refuseOdd(file, path)
    if ((mode & 0o077) !== 0)
      throw new ConfigError(
        'unsafe-file',
        `${path}: other users may read it; remove the file, and Glovebox creates a new token`,
      )
    if (uid !== process.geteuid?.() && process.geteuid?.() !== 0)
      throw new ConfigError('unsafe-file', `${path}: belongs to another account (uid ${uid})`)
    const text = (await file.readFile('utf8')).trim()
    if (!TOKEN.test(text))
      throw new ConfigError('bad-token', `${path}: holds no token; remove the file, and Glovebox creates a new token`)
    return text
  } finally {
    await file.close()
  }
}

/** Writes a temporary file and links it to its place. If two processes create a token, both get the first one. */
async function makeToken(path: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(
    draft,
    constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    await file.writeFile(`${token}\n`)
    await file.sync()
    await file.close()
    await link(draft, path)
    return token
  } catch (error) {
    const made = (error as NodeJS.ErrnoException).code === 'EEXIST' ? await readToken(path) : null
    if (made === null) throw error
    return made
  } finally {
    await rm(draft, { force: true })
  }
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new ConfigError('unsafe-file', `${path}: can't be read as a file: ${message}`)
  }
}

async function refuseOdd(file: FileHandle, path: string) {
  const stat = await file.stat()
  if (!stat.isFile() || stat.size > 4096)
    throw new ConfigError('bad-token', `${path}: is not a token file; remove it, and Glovebox creates a new token`)
  return stat
}
