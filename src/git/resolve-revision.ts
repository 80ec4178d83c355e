// Resolves `--ref`: a branch, a tag, or the id of a commit. The commit must be reachable from a branch or tag of the forge,
// since the mirror also keeps objects of rewritten and removed branches.
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { listRefs } from './list-refs.ts'
import { suggestNames } from './near-names.ts'
import { isRefName } from './ref-name.ts'

const HEADS = 'refs/heads/'
const TAGS = 'refs/tags/'
/** Fewer than seven digits match too many objects. */
const COMMIT_ID = /^[0-9a-f]{7,64}$/i
const MAX_CANDIDATES = 200

export interface Revision {
  commit: string
  /** The target branch of a change; the clone is on this branch. */
  branch: string
  /** Tells the requester how the name was resolved; null if it named a branch. */
  note: string | null
}

/**
 * Looks for a branch first, then a tag, then a commit id. If `ref` is a tag or an id, the target branch of a change is the
 * default branch if it contains the commit, else the first branch by name that does. GitError `unknown-ref` suggests names.
 */
export async function resolveRevision(
  git: HostGit,
  mirror: string,
  ref: string,
  defaultBranch: string,
): Promise<Revision> {
  const branches = await listRefs(git, mirror, HEADS)
  const branch = ref.startsWith(HEADS) ? ref.slice(HEADS.length) : ref
  const tip = branches.get(`${HEADS}${branch}`)
  if (tip !== undefined) return { commit: tip, branch, note: null }
  const commit = (await commitOfTag(git, mirror, ref)) ?? (await commitOfId(git, mirror, ref))
  if (commit !== null) return { commit, ...(await branchFor(git, mirror, { ref, commit, defaultBranch })) }
  const names = [...branches.keys()].map((name) => name.slice(HEADS.length))
  const wanted = JSON.stringify(branch.slice(0, 200))
  throw new GitError('unknown-ref', `there is no branch, tag or commit ${wanted}${suggestNames(branch, names)}`)
}

async function commitOfTag(git: HostGit, mirror: string, ref: string): Promise<string | null> {
  const name = ref.startsWith(TAGS) ? ref : `${TAGS}${ref}`
  if (!isRefName(name)) return null
  const argv = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]
  const { code, stdout } = await git.run({ gitDir: mirror, argv, okCodes: [0, 1, 128] })
  return code === 0 ? stdout.toString('latin1').trim() : null
}

async function commitOfId(git: HostGit, mirror: string, ref: string): Promise<string | null> {
  if (!COMMIT_ID.test(ref)) return null
  const { stdout } = await git.run({ gitDir: mirror, argv: ['rev-parse', `--disambiguate=${ref.toLowerCase()}`] })
  const ids = stdout.toString('latin1').split('\n').slice(0, MAX_CANDIDATES)
  const commits = await commitsAmong(git, mirror, ids)
  const reached: string[] = []
  for (const id of commits) if ((await refsWith(git, mirror, id, [HEADS, TAGS], 1)).length > 0) reached.push(id)
  if (reached.length <= 1) return reached[0] ?? null
  throw new GitError('unknown-ref', `${ref} matches several commits: ${reached.join(', ')}; give more digits`)
}

async function commitsAmong(git: HostGit, mirror: string, ids: readonly string[]): Promise<string[]> {
  const argv = ['cat-file', '--batch-check=%(objectname) %(objecttype)', '--buffer']
  const { stdout } = await git.run({ gitDir: mirror, argv, input: ids.map((id) => `${id}\n`).join('') })
  const lines = stdout.toString('latin1').split('\n')
  return lines.filter((line) => line.endsWith(' commit')).map((line) => line.slice(0, line.indexOf(' ')))
}

async function branchFor(
  git: HostGit,
  mirror: string,
  { ref, commit, defaultBranch }: { ref: string; commit: string; defaultBranch: string },
): Promise<Pick<Revision, 'branch' | 'note'>> {
  const holding = (await refsWith(git, mirror, commit, [HEADS])).map((name) => name.slice(HEADS.length))
  const what = `${ref.slice(0, 100)} is commit ${commit.slice(0, 12)}`
  if (holding.includes(defaultBranch))
    return { branch: defaultBranch, note: `${what} of ${defaultBranch}: a change will target ${defaultBranch}` }
  const [branch = null] = holding
  if (branch === null) {
    const note = `${what}, which no branch contains: a change on top of it can be published but not merged`
    return { branch: defaultBranch, note }
  }
  const of = holding.length === 1 ? `of ${branch}` : `of ${holding.length} branches`
  return { branch, note: `${what} ${of}: a change will target ${branch}` }
}

/** The refs that contain the commit, sorted by name. */
async function refsWith(
  git: HostGit,
  mirror: string,
  commit: string,
  prefixes: readonly string[],
  count = 0,
): Promise<string[]> {
  const argv = ['for-each-ref', `--contains=${commit}`, `--count=${count}`, '--format=%(refname)', ...prefixes]
  const { stdout } = await git.run({ gitDir: mirror, argv, maxOutput: 64 * 1024 * 1024 })
  return stdout
    .toString('utf8')
    .split('\n')
    .filter((name) => name !== '')
}
