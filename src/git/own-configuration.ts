// Checks the configuration of Glovebox's own bare repositories, the mirrors and quarantines. git reads it at every start,
// so it is checked before every start: it may hold only the few keys that `git init --bare` writes. This detects a
// repository in the data folder that Glovebox did not create.
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GitError } from './git-error.ts'

const MAX_BYTES = 4096
const SECTIONS: Readonly<Record<string, readonly RegExp[]>> = {
  core: [
    /^repositoryformatversion = [01]$/,
    /^filemode = (true|false)$/,
    /^bare = true$/,
    /^(ignorecase|symlinks|precomposeunicode) = (true|false)$/,
  ],
  extensions: [/^objectformat = sha(1|256)$/i],
}
/** Files that make git read the configuration, objects or refs of another folder. */
const REDIRECTIONS = ['commondir', 'config.worktree', 'gitdir', 'worktrees'] as const

/** Throws GitError `foreign-configuration` if Glovebox did not write the configuration. */
export function refuseForeignConfiguration(gitDir: string): void {
  const path = join(gitDir, 'config')
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile() || stats.size > MAX_BYTES || !isOurs(readFileSync(path, 'utf8')))
    throw foreign(path)
  for (const name of REDIRECTIONS)
    if (lstatSync(join(gitDir, name), { throwIfNoEntry: false })) throw foreign(join(gitDir, name))
}

function isOurs(text: string): boolean {
  let keys: readonly RegExp[] = []
  for (const line of text.split('\n').map((one) => one.trim())) {
    const section = /^\[([a-z]+)\]$/.exec(line)?.[1]
    if (section !== undefined && Object.hasOwn(SECTIONS, section)) keys = SECTIONS[section]!
    else if (line !== '' && !keys.some((key) => key.test(line))) return false
  }
  return true
}

function foreign(path: string): GitError {
  return new GitError(
    'foreign-configuration',
    `${path} is not as Glovebox made it, so Glovebox does not run git there: remove the folder of this repository, and Glovebox makes it anew`,
  )
}
