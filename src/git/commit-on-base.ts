// Makes one commit on top of a base with the files of another commit. What lies between the two, such as content that
// reviewers rejected, is then not in its history.
import type { HostGit } from './host-git.ts'
import { requireId } from './read-file.ts'

export interface CommitOnBase {
  /** A bare repository that Glovebox owns. */
  repository: string
  base: string
  /** The commit with the files. */
  commit: string
  message: string
  /** Author and committer. */
  person: { name: string; email: string }
  /** Author and committer date, in seconds since the epoch. */
  time: number
}

/** The id of the new commit; no ref points to it yet. The same input gives the same id. */
export async function commitOnBase(git: HostGit, options: CommitOnBase): Promise<string> {
  const { repository, base, commit, message, person, time } = options
  requireId(base)
  const date = `@${time} +0000`
  const env = {
    GIT_AUTHOR_NAME: person.name,
    GIT_AUTHOR_EMAIL: person.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: person.name,
    GIT_COMMITTER_EMAIL: person.email,
    GIT_COMMITTER_DATE: date,
  }
  const argv = ['commit-tree', '-p', base, '-F', '-', await treeOf(git, repository, commit)]
  const { stdout } = await git.run({ gitDir: repository, env, argv, input: message.replaceAll('\0', '') })
  const made = stdout.toString('latin1').trim()
  requireId(made)
  return made
}

/** The id of the files of a commit. */
export async function treeOf(git: HostGit, repository: string, commit: string): Promise<string> {
  requireId(commit)
  const argv = ['rev-parse', '--verify', '--end-of-options', `${commit}^{tree}`]
  const tree = (await git.run({ gitDir: repository, argv })).stdout.toString('latin1').trim()
  requireId(tree)
  return tree
}

export async function hasCommit(git: HostGit, repository: string, commit: string): Promise<boolean> {
  requireId(commit)
  const argv = ['cat-file', '-e', `${commit}^{commit}`]
  return (await git.run({ gitDir: repository, argv, okCodes: [0, 1, 128] })).code === 0
}

/** Whether the base is the only parent of the commit. */
export async function isOnBase(
  git: HostGit,
  { repository, base, commit }: Pick<CommitOnBase, 'repository' | 'base' | 'commit'>,
): Promise<boolean> {
  for (const id of [base, commit]) requireId(id)
  const argv = ['rev-list', '--parents', '--max-count=1', commit]
  const { stdout } = await git.run({ gitDir: repository, argv })
  return stdout.toString('latin1').trim() === `${commit} ${base}`
}
