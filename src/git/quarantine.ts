// The quarantine of a run: a bare repository that the run fetches from and pushes into. It shows HEAD, the branch that the
// run started from, the default branch and the tags in their history. It borrows its objects from the mirror.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { initBare, objectFormat } from './init-bare.ts'
import { listRefs } from './list-refs.ts'
import { isObjectId } from './object-id.ts'
import { requireId } from './read-file.ts'
import { isBranchName } from './ref-name.ts'
import { showTags } from './shown-tags.ts'

/** The default branch, which a change is compared with. Everyone who may read the repository may read this branch. */
export interface BaseBranch {
  branch: string
  commit: string
}

export async function createQuarantine(
  git: HostGit,
  options: { path: string; mirror: string; branch: string; commit: string; base?: BaseBranch | null },
): Promise<void> {
  const { branch, commit, base = null } = options
  requireId(commit)
  if (base !== null) requireId(base.commit)
  await mkdir(dirname(options.path), { recursive: true, mode: 0o700 })
  const format = await objectFormat(git, options.mirror)
  await initBare(git, options.path, { format, branch: options.branch, borrowFrom: options.mirror })
  const shown = [{ branch, commit }, ...(base === null || base.branch === branch ? [] : [base])]
  await showTags(git, {
    mirror: options.mirror,
    quarantine: options.path,
    commits: shown.map((ref) => ref.commit),
  })
  const update = shown.map((ref) => `create refs/heads/${ref.branch} ${ref.commit}\n`).join('')
  await git.run({ gitDir: options.path, argv: ['update-ref', '--stdin'], input: update })
}

/** Creates a branch, or moves it from the commit `from`. GitError `failed` if it is at another commit. */
export async function setBranch(
  git: HostGit,
  repository: string,
  { branch, commit, from = null }: { branch: string; commit: string; from?: string | null },
): Promise<void> {
  if (!isBranchName(branch)) throw new GitError('unknown-ref', `${JSON.stringify(branch)} is not a branch name`)
  for (const id of [commit, ...(from === null ? [] : [from])]) requireId(id)
  const ref = `refs/heads/${branch}`
  const input = from === null ? `create ${ref} ${commit}\n` : `update ${ref} ${commit} ${from}\n`
  await git.run({ gitDir: repository, argv: ['update-ref', '--stdin'], input })
}

/** The commit of a branch; null if the branch does not exist. */
export async function commitOf(git: HostGit, repository: string, branch: string): Promise<string | null> {
  if (!isBranchName(branch)) throw new GitError('unknown-ref', `${JSON.stringify(branch)} is not a branch name`)
  const argv = ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}`]
  const { code, stdout } = await git.run({ gitDir: repository, argv, okCodes: [0, 1] })
  const commit = stdout.toString('utf8').trim()
  return code === 0 && isObjectId(commit) ? commit : null
}

/** From full name to object id: every ref that a fetch shows. The id of an annotated tag is that of the tag object. */
export async function visibleRefs(git: HostGit, repository: string): Promise<ReadonlyMap<string, string>> {
  return listRefs(git, repository, 'refs/')
}
