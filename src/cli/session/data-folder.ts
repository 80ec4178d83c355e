// Chooses the data folder of a command.
import { lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defaultDataFolder } from '../../config/default-data-folder.ts'
import type { Environment } from '../../config/env.ts'
import { readEnvironment } from '../../config/read-environment.ts'
import { DataFolderError } from '../../data-folder/data-folder-error.ts'
import { printable } from '../../domain/byte-text.ts'
import { UsageError } from '../cli-error.ts'
import { programName, shellWord, type SuggestCommand } from './suggest-command.ts'

/** The default of earlier versions, in the current folder. */
const EARLIER_DEFAULT = '.glovebox'

export interface DataFolderChoice {
  path: string
  /** Spells a command on the same data folder for this person. */
  command: SuggestCommand
  /** Whether it is the default folder, which neither the flag nor the environment named. */
  byDefault: boolean
}

/** `flag`: value of `--data`. Throws ConfigError if neither the flag nor the environment gives a folder. */
export function chooseDataFolder(flag: string | undefined, env: Environment, cwd: string): DataFolderChoice {
  if (flag === '') throw new UsageError('--data needs a folder')
  const { dataFolder } = readEnvironment(env, cwd)
  const suffix = flag === undefined ? '' : ` --data ${shellWord(flag)}`
  const command: SuggestCommand = (words) => `${programName(env)} ${words}${suffix}`
  if (flag !== undefined) return { path: resolve(cwd, flag), command, byDefault: false }
  if (dataFolder !== null) return { path: dataFolder, command, byDefault: false }
  return { path: defaultDataFolder(env), command, byDefault: true }
}

/**
 * A folder that a person named may have a typing error in its name. A command that starts something makes it and says so;
 * a command that only reads would answer from an empty folder, so it throws DataFolderError.
 */
export function meetMissingFolder(
  { path, byDefault }: DataFolderChoice,
  { makes, note }: { makes: boolean; note: (line: string) => void },
): void {
  if (byDefault || lstatSync(path, { throwIfNoEntry: false }) !== undefined) return
  if (makes) return note(`Making the data folder ${printable(path)}, which does not exist yet.`)
  throw new DataFolderError(
    'missing',
    `there is no data folder ${path}`,
    'check the path after --data or in GLOVEBOX_DATA; `glovebox run`, `serve`, `connection set` and `credential set` make a new one',
  )
}

/**
 * A note about the default folder of earlier versions; empty if that folder does not exist. The folder may also come with
 * an untrusted repository, so the person must confirm it with `data adopt`.
 */
export function earlierFolderNote({ path, byDefault }: DataFolderChoice, cwd: string): readonly string[] {
  if (!byDefault || !isFile(join(cwd, EARLIER_DEFAULT, 'glovebox.db'))) return []
  return [
    `Not used: ${join(cwd, EARLIER_DEFAULT)}, the default of earlier versions. The data folder is ${path}.`,
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
