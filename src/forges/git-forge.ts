// A forge that is only a git repository: it can fetch, push and merge branches, but has no pull requests. The kinds
// differ in how the repository is reached.
import type { Actor } from '../domain/actor.ts'
import { actorName } from '../domain/actor.ts'
import { moveCheckedOut } from '../git/checked-out.ts'
import { conflictingBranch } from '../git/branch-conflict.ts'
import { GitError } from '../git/git-error.ts'
import type { HostGit } from '../git/host-git.ts'
import { initBare, objectFormat } from '../git/init-bare.ts'
import type { MergeAuthor } from '../git/merge.ts'
import { createMerge } from '../git/merge.ts'
import { defaultBranchOf, updateMirror } from '../git/mirror.ts'
import { isBranchName } from '../git/ref-name.ts'
import { findMerge } from '../git/find-merge.ts'
import { isAncestor } from '../git/reachability.ts'
import type { Remote } from '../git/remote.ts'
import { fetchRemote, listRemote, pushRemote } from '../git/remote.ts'
import { forgeError, pushError } from './forge-failures.ts'
import type { Forge, MergeRequest, MergeResult, PublishRequest } from './types.ts'
import { ForgeError } from './types.ts'

/** The first try, and one retry if the target moved in the meantime. */
const TRIES = 2
const COMMITTER: MergeAuthor = { name: 'Glovebox', email: 'glovebox@glovebox.invalid' }

export function createGitForge(git: HostGit, options: { kind: string; remote: Remote; originUrl: string }): Forge {
  const { kind, remote, originUrl } = options
  return {
    kind,
    repository: remote.address,
    originUrl,
    git: {
      defaultBranch: () => translate(remote, () => defaultBranchOfRemote(git, remote)),
      updateMirror: (mirror) => translate(remote, () => updateMirror(git, mirror, remote)),
      publish: (request) => translate(remote, () => publish(git, remote, request)),
      merge: (request) => translate(remote, () => merge(git, remote, request)),
      findMerge: (request) =>
        translate(remote, () => git.inScratch((folder) => findMergeIn(git, remote, request, `${folder}/look.git`))),
    },
  }
}

async function translate<T>(remote: Remote, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw forgeError(error, remote.address)
  }
}

async function defaultBranchOfRemote(git: HostGit, remote: Remote): Promise<string> {
  const listed = await listRemote(git, remote)
  if (listed.branches.size === 0)
    throw new GitError('empty-repository', `${remote.address} has no branches: make a first commit`)
  const branch = defaultBranchOf(listed)
  if (branch !== null) return branch
  throw new ForgeError(
    'unknown-ref',
    `HEAD of ${remote.address} is on no branch: name one of ${[...listed.branches.keys()].slice(0, 10).join(', ')}`,
  )
}

/** Creates a new branch only, never updates one: a task that names `main` here would otherwise merge by publishing. */
async function publish(git: HostGit, remote: Remote, { quarantine, commit, branch }: PublishRequest): Promise<void> {
  requireBranch(branch)
  const { branches } = await listRemote(git, remote)
  const inTheWay = conflictingBranch(branch, branches.keys())
  if (inTheWay !== null) {
    const why = `git can't keep the branches ${branch} and ${inTheWay} side by side, and ${remote.address} has the second`
    throw new ForgeError('refused', `${why}: rename it there, or name another one as \`change.branch\` of the task`)
  }
  const expected = branches.get(branch) ?? null
  if (expected === commit) return
  if (expected !== null)
    throw new ForgeError('moved', `the branch ${branch} of ${remote.address} exists already, with other commits`)
  const outcome = await pushRemote(git, remote, { from: quarantine, commit, branch, expected })
  if (!outcome.accepted) throw pushError(outcome.summary, { remote, branch })
}

async function merge(git: HostGit, remote: Remote, request: MergeRequest): Promise<MergeResult> {
  requireBranch(request.target)
  for (let left = TRIES; ; left--) {
    try {
      return await git.inScratch((folder) => mergeOnce(git, remote, request, `${folder}/merge.git`))
    } catch (error) {
      if (!(error instanceof ForgeError && error.code === 'moved') || left <= 1) throw error
    }
  }
}

type Target = Pick<MergeRequest, 'quarantine' | 'commit' | 'target'>

async function findMergeIn(
  git: HostGit,
  remote: Remote,
  request: Target,
  repository: string,
): Promise<MergeResult | null> {
  requireBranch(request.target)
  const tip = await fetchTarget(git, remote, request, repository)
  return findMerge(git, repository, { tip, commit: request.commit })
}

async function mergeOnce(
  git: HostGit,
  remote: Remote,
  request: MergeRequest,
  repository: string,
): Promise<MergeResult> {
  const { base, commit, target } = request
  const onto = await fetchTarget(git, remote, request, repository)
  const merged = await findMerge(git, repository, { tip: onto, commit })
  if (merged !== null) return merged
  // If the target has dropped the base, merging would bring dropped commits back, and no reviewer saw them: the diff
  // starts at the base.
  if (!(await isAncestor(git, { repository }, base, onto))) {
    throw new ForgeError(
      'refused',
      `the branch ${target} of ${remote.address} no longer holds ${base.slice(0, 12)}, which the change was made on: run the task again`,
    )
  }
  const author = authorOf(request.actor)
  const made = await createMerge(git, {
    repository,
    onto,
    commit,
    message: request.message,
    author,
    committer: COMMITTER,
    time: request.time,
  })
  const push = async (checkedOut: boolean): Promise<void> => {
    const outcome = await pushRemote(git, remote, {
      ...{ from: repository, commit: made, branch: target, expected: onto, checkedOut },
    })
    if (!outcome.accepted) throw pushError(outcome.summary, { remote, branch: target })
  }
  const move = { branch: target, from: onto, to: made, objects: repository }
  const isMoved = remote.kind === 'local' && (await moveCheckedOut(git, remote.address, move, () => push(true)))
  if (!isMoved) await push(false)
  return { commit: made, kind: 'merge' }
}

/**
 * Fetches the target's tip into a separate repository that borrows quarantine's objects, so that the run never sees it.
 */
async function fetchTarget(git: HostGit, remote: Remote, request: Target, repository: string): Promise<string> {
  const { quarantine, target } = request
  const tip = (await listRemote(git, remote)).branches.get(target)
  if (tip === undefined) throw new ForgeError('unknown-ref', `${remote.address} has no branch ${target}`)
  await initBare(git, repository, {
    format: await objectFormat(git, quarantine),
    branch: 'main',
    borrowFrom: quarantine,
  })
  await fetchRemote(git, remote, {
    into: repository,
    refspecs: [`refs/heads/${target}:refs/heads/target`],
    mirror: false,
  })
  return tip
}

function requireBranch(name: string): void {
  if (!isBranchName(name)) throw new ForgeError('refused', `${JSON.stringify(name)} is not a branch name`)
}

function authorOf(actor: Actor): MergeAuthor {
  const name = actorName(actor)
  return { name, email: name.includes('@') ? name : `${name}@glovebox.invalid` }
}
