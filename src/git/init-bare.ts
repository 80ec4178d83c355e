import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import type { ObjectFormat } from './object-id.ts'
import { isBranchName } from './ref-name.ts'

/**
 * Creates a bare repository without hooks or templates. `borrowFrom` is another repository that Glovebox owns; the new one
 * uses its objects.
 */
export async function initBare(
  git: HostGit,
  path: string,
  options: { format: ObjectFormat; branch: string; borrowFrom?: string },
): Promise<void> {
  if (!isBranchName(options.branch))
    throw new GitError('failed', `${JSON.stringify(options.branch)} is not a branch name`)
  const argv = [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    `--object-format=${options.format}`,
    `--initial-branch=${options.branch}`,
  ]
  await git.run({ argv: [...argv, '--end-of-options', path] })
  if (options.borrowFrom === undefined) return
  const objects = join(options.borrowFrom, 'objects')
  // The alternates file has one path per line; git reads a leading quote as C quoting.
  if (!objects.startsWith('/') || objects.includes('\n'))
    throw new GitError(
      'failed',
      'git cannot borrow objects from the mirror: its path is relative or contains a line break',
    )
  await writeFile(join(path, 'objects', 'info', 'alternates'), `${objects}\n`)
}

export async function objectFormat(git: HostGit, repository: string): Promise<ObjectFormat> {
  const { stdout } = await git.run({ gitDir: repository, argv: ['rev-parse', '--show-object-format'] })
  return stdout.toString('utf8').trim() === 'sha256' ? 'sha256' : 'sha1'
}
