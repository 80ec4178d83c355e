// Which data folder a command works on.
import { lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defaultDataFolder } from '../../config/default-data-folder.ts'
import type { Environment } from '../../config/env.ts'
import { readEnvironment } from '../../config/read-environment.ts'
import { UsageError } from '../cli-error.ts'

/** The default of earlier versions, in the current folder. */
const EARLIER_DEFAULT = '.glovebox'

export interface DataFolderChoice {
  path: string
  /** What the same choice looks like on a command line that a person is told to type; empty where it needs no flag. */
  flag: string
  /** Nobody named it. */
  byDefault: boolean
}

/** `flag` is what `--data` was given. ConfigError where neither it nor the environment leads to a folder. */
export function chooseDataFolder(flag: string | undefined, env: Environment, cwd: string): DataFolderChoice {
  if (flag === '') throw new UsageError('--data needs a folder')
  const { dataFolder } = readEnvironment(env, cwd)
  if (flag !== undefined) return { path: resolve(cwd, flag), flag: ` --data ${shellWord(flag)}`, byDefault: false }
  if (dataFolder !== null) return { path: dataFolder, flag: '', byDefault: false }
  return { path: defaultDataFolder(env), flag: '', byDefault: true }
}

/**
 * Lines about a folder that an earlier version would have taken by default; none where there is no such folder. It may
 * as well have come with a repository, so its owner has to vouch for it.
 */
export function earlierFolderNote({ path, byDefault }: DataFolderChoice, cwd: string): readonly string[] {
  if (!byDefault || !isFile(join(cwd, EARLIER_DEFAULT, 'glovebox.db'))) return []
  return [
    `Not used: ${join(cwd, EARLIER_DEFAULT)}, which earlier versions took by default. The data folder is ${path}.`,
    `If you made it: \`glovebox data adopt ${EARLIER_DEFAULT}\`, then add \`--data ${EARLIER_DEFAULT}\` or move it to ${path}`,
  ]
}

function isFile(path: string): boolean {
  try {
    return lstatSync(path).isFile()
  } catch {
    return false
  }
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
