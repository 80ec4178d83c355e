// Spelling of the commands that Glovebox suggests, so that a person can paste them.
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { type Environment, searchPath } from '../../config/env.ts'
import { PROJECT_FOLDERS } from '../../config/project-folders.ts'
import { printable } from '../../domain/byte-text.ts'

const NAME = 'glovebox'

/** From `change show 4f1c` to a whole command line, with the name of the program and the data folder. */
export type SuggestCommand = (words: string) => string

/**
 * How this person starts Glovebox, as a word of a shell: `glovebox` if their PATH has this program, else the path that they
 * used, such as `bin/glovebox`.
 */
export function programName(env: Environment): string {
  const called = env['GLOVEBOX_CALLED_AS'] ?? ''
  return called === '' || isOnPath(env) ? NAME : shellWord(printable(called))
}

/** Names the program in the commands of a message, such as: see `glovebox task list`. */
export function spellCommands(message: string, env: Environment): string {
  return message.includes('`glovebox ') ? message.replaceAll('`glovebox ', () => `\`${programName(env)} `) : message
}

/** Whether the first `glovebox` of the PATH is this program. Relative folders of the PATH don't count. */
function isOnPath(env: Environment): boolean {
  const folder = searchPath(env)
    .split(delimiter)
    .filter(isAbsolute)
    .find((one) => isExecutable(join(one, NAME)))
  if (folder === undefined) return false
  try {
    return realpathSync(join(folder, NAME)) === realpathSync(join(PROJECT_FOLDERS.root, 'bin', NAME))
  } catch {
    return false
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
