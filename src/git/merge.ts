// Merges two commits in a bare repository that Glovebox owns, without a work tree.
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { attributesOff } from './object-id.ts'
import { requireId, splitNul } from './read-file.ts'

export interface MergeAuthor {
  name: string
  email: string
}

export interface MergeInput {
  repository: string
  /** First parent: the tip of the target branch. */
  onto: string
  /** Second parent. */
  commit: string
  message: string
  author: MergeAuthor
  committer: MergeAuthor
  /** Milliseconds since the epoch. */
  time: number
}

const MAX_SHOWN = 20

/** Creates a merge commit and returns its id; no ref points to it yet. GitError `conflict` names the paths. */
export async function createMerge(git: HostGit, input: MergeInput): Promise<string> {
  const tree = await mergeTrees(git, input)
  const date = `@${Math.floor(input.time / 1000)} +0000`
  const env = {
    GIT_AUTHOR_NAME: identity(input.author.name),
    GIT_AUTHOR_EMAIL: identity(input.author.email),
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: identity(input.committer.name),
    GIT_COMMITTER_EMAIL: identity(input.committer.email),
    GIT_COMMITTER_DATE: date,
  }
  const argv = ['commit-tree', '-p', input.onto, '-p', input.commit, '-F', '-', tree]
  const message = `${input.message.replaceAll('\0', '').trimEnd()}\n`
  const { stdout } = await git.run({ gitDir: input.repository, env, argv, input: message })
  const commit = stdout.toString('latin1').trim()
  requireId(commit)
  return commit
}

async function mergeTrees(git: HostGit, { repository, onto, commit }: MergeInput): Promise<string> {
  for (const id of [onto, commit]) requireId(id)
  const argv = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', onto, commit]
  const { code, stdout } = await git.run({
    gitDir: repository,
    env: attributesOff(onto),
    argv,
    okCodes: [0, 1],
    timeoutMs: 300_000,
    memoryBytes: 2 * 1024 ** 3,
  })
  const [tree, ...paths] = splitNul(stdout)
  if (code === 1) {
    const shown = paths.slice(0, MAX_SHOWN).map((path) => path.toString('utf8'))
    const more = paths.length > MAX_SHOWN ? ` and ${paths.length - MAX_SHOWN} more` : ''
    throw new GitError('conflict', `both sides changed: ${shown.join(', ')}${more}`)
  }
  const id = tree?.toString('latin1') ?? ''
  requireId(id)
  return id
}

/** Removes the characters that git refuses or drops in a name: angle brackets and control characters. Never empty. */
function identity(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f<>]/g, '').trim() || 'unknown'
}
