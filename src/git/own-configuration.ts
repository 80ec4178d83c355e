// The configuration of our own bare repositories, the mirrors and quarantines. Git reads it whenever it runs there, so it
// is looked at each time: it holds the few keys that `git init --bare` writes, or git is not run. A repository that was
// not made by us, however it came into the data folder, is noticed here.
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
/** They make git read another folder's configuration, objects or refs. */
const REDIRECTIONS = ['commondir', 'config.worktree', 'gitdir', 'worktrees'] as const

/** Throws GitError `foreign-configuration`. */
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
    `${path} is not as Glovebox made it, so git is not run there: remove the folder of this repository, and it is made anew`,
  )
}
