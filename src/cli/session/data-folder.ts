// Which data folder a command works on.
import { resolve } from 'node:path'
import { UsageError } from '../cli-error.ts'

export const DEFAULT_DATA_FOLDER = '.glovebox'

export interface DataFolderChoice {
  path: string
  /** What the same choice looks like on a command line that a person is told to type; empty for the default. */
  flag: string
}

/** `configured` is absolute, or null. */
export function chooseDataFolder(flag: string | undefined, configured: string | null, cwd: string): DataFolderChoice {
  if (flag === '') throw new UsageError('--data needs a folder')
  if (flag !== undefined) return { path: resolve(cwd, flag), flag: ` --data ${shellWord(flag)}` }
  return { path: configured ?? resolve(cwd, DEFAULT_DATA_FOLDER), flag: '' }
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
