// Moves a branch that is checked out in the main work tree of a local repository: branch, index and files together. git
// runs with the configuration of a stand-in (stand-in.ts): no filter, hook or file-system monitor of the repository is
// started. It is git that decides which files it may write: it follows no symlink out of the tree, overwrites no
// untracked file, and locks the index against other gits.
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GitError, isGitError } from './git-error.ts'
import type { GitResult, HostGit } from './host-git.ts'
import { requireId, splitNul } from './read-file.ts'
import { isBranchName } from './ref-name.ts'
import { checkedOutBranch, locateRepository, type Repository, withStandIn } from './stand-in.ts'

export interface BranchMove {
  branch: string
  /** The commit that is checked out. */
  from: string
  to: string
  /** Our bare repository that holds the objects of `to`. */
  objects: string
}

/** A merge, a revert or another operation that its user has not finished. */
const UNFINISHED = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'sequencer', 'rebase-merge', 'rebase-apply']
const MAX_LISTED_BYTES = 64 * 1024 * 1024
const TIMEOUT_MS = 300_000

/**
 * Calls `moveBranch`, which must move the ref and bring the objects, and then updates index and files. Resolves with false
 * if the branch is not checked out in the main work tree. GitError `not-clean` says what is in the way; nothing has changed
 * then.
 */
export async function moveCheckedOut(
  git: HostGit,
  address: string,
  move: BranchMove,
  moveBranch: () => Promise<void>,
): Promise<boolean> {
  requireId(move.from)
  requireId(move.to)
  if (!isBranchName(move.branch)) throw new GitError('failed', `${JSON.stringify(move.branch)} is not a branch name`)
  const repository = await locateRepository(address)
  const { gitDir, commonDir } = repository
  const isMain = gitDir === commonDir && gitDir.endsWith('/.git')
  if (!isMain || (await checkedOutBranch(repository)) !== move.branch) return false
  const root = dirname(gitDir)
  await refuseForeignTree(repository, root)
  return withStandIn(git, repository, 'write', async (path) => {
    const env = { GIT_DIR: path, GIT_WORK_TREE: root, GIT_INDEX_FILE: join(gitDir, 'index') }
    const borrowed = { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(move.objects, 'objects')) }
    const run = (argv: readonly string[], more: { lends?: boolean; okCodes?: readonly number[] } = {}) =>
      git.run({
        argv,
        env: { ...env, ...(more.lends === true ? borrowed : {}) },
        config: ['core.bare=false'],
        timeoutMs: TIMEOUT_MS,
        maxOutput: MAX_LISTED_BYTES,
        okCodes: more.okCodes ?? [0],
      })
    await refuseUnclean(run, root, move.from)
    const readTree = ['read-tree', '-m', '-u', move.from, move.to]
    await run([...readTree.slice(0, 3), '--dry-run', ...readTree.slice(3)], { lends: true }).catch((error: unknown) => {
      throw inTheWay(error, root)
    })
    await moveBranch()
    try {
      await run(readTree)
    } catch (error) {
      // A file has appeared since the dry run. The branch goes back, so that its files still fit to it.
      await run(['update-ref', `refs/heads/${move.branch}`, move.from, move.to])
      throw inTheWay(error, root)
    }
    return true
  })
}

type Run = (argv: readonly string[], more?: { okCodes?: readonly number[] }) => Promise<GitResult>

async function refuseUnclean(run: Run, root: string, commit: string): Promise<void> {
  // The index remembers times of files; a touched file is not a changed one.
  await run(['update-index', '-q', '--refresh'], { okCodes: [0, 1] })
  const listed = [
    await run(['diff-index', '--cached', '--name-only', '-z', '--no-renames', '--ignore-submodules=all', commit]),
    await run(['diff-files', '--name-only', '-z', '--ignore-submodules=all']),
  ]
  const changed = new Set(listed.flatMap(({ stdout }) => splitNul(stdout).map((name) => name.toString('latin1'))))
  if (changed.size > 0)
    throw unclean(root, `has ${changed.size} changed ${changed.size === 1 ? 'file' : 'files'} that are not committed`)
  // H: in the index, and looked at.
  const { stdout } = await run(['ls-files', '-v', '-z'])
  const hides = splitNul(stdout).some((entry) => !entry.toString('latin1').startsWith('H'))
  if (hides) throw unclean(root, 'has files that its index hides (sparse checkout, skip-worktree or assume-unchanged)')
}

/** As git does, refuses the folder of another account: files would get the wrong owner. */
async function refuseForeignTree({ gitDir }: Repository, root: string): Promise<void> {
  if ((await stat(root)).uid !== process.geteuid?.()) throw unclean(root, 'belongs to another account')
  for (const name of UNFINISHED)
    if ((await stat(join(gitDir, name)).catch(() => null)) !== null)
      throw unclean(root, `has an unfinished operation (${name})`)
}

function inTheWay(error: unknown, root: string): unknown {
  if (!isGitError(error, 'failed')) return error
  const line = error.stderr.split('\n').find((text) => /^(error|fatal):/.test(text)) ?? 'a file is in the way'
  return unclean(root, `can't be updated: ${line.replace(/^(error|fatal): /, '').slice(0, 300)}`)
}

function unclean(root: string, why: string): GitError {
  return new GitError('not-clean', `the work tree ${root} ${why}`)
}

/** The list is separated by colons; a path in quotes may contain them. */
function quoted(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`
}
