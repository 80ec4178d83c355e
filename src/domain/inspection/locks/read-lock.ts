import { fileNameOf } from '../lockfile-origins.ts'
import { type Lock, LockError } from './lock-entry.ts'
import { readNpmLock } from './npm-lock.ts'
import { readPnpmLock } from './pnpm-lock.ts'
import { readYarnLock } from './yarn-lock.ts'

const READERS: ReadonlyMap<string, (text: string) => Lock> = new Map([
  ['package-lock.json', readNpmLock],
  ['npm-shrinkwrap.json', readNpmLock],
  ['pnpm-lock.yaml', readPnpmLock],
  ['yarn.lock', readYarnLock],
])
const MAX_CHARS = 32 * 1024 * 1024

/** Whether readLock() can read a file of this name, in any folder. */
export function isReadableLock(path: string): boolean {
  return READERS.has(fileNameOf(path))
}

/** Throws LockError if the text is not a file that its package manager writes. Attacker-controlled text. */
export function readLock(path: string, text: string): Lock {
  const read = READERS.get(fileNameOf(path))
  if (read === undefined) throw new LockError('its format is not supported')
  if (text.length > MAX_CHARS) throw new LockError('it is too long')
  return read(text)
}
