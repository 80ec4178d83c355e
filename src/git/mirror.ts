// The bare mirror of a forge's repository. It holds only branches and tags; refs that the forge removed are pruned. Objects
// are never pruned, because the quarantines of runs borrow them.
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GitError } from './git-error.ts'
import type { HostGit } from './host-git.ts'
import { initBare } from './init-bare.ts'
import { listRefs } from './list-refs.ts'
import { suggestNames } from './near-names.ts'
import { isBranchName } from './ref-name.ts'
import type { Remote } from './remote.ts'
import { fetchRemote, listRemote } from './remote.ts'

const HEADS = 'refs/heads/'
const USUAL_NAMES: readonly string[] = ['main', 'master', 'trunk', 'develop']

/** Creates the mirror if it is missing, and fetches into it. Updates of the same mirror run one at a time. */
export async function updateMirror(git: HostGit, mirror: string, remote: Remote, signal?: AbortSignal): Promise<void> {
  await git.exclusive(mirror, async () => {
    const { branches, head, format } = await listRemote(git, remote, signal)
    if (branches.size === 0)
      throw new GitError('empty-repository', `${remote.address} has no branches: make a first commit`)
    if (!(await exists(mirror))) await createMirror(git, mirror, format)
    if (await exists(join(mirror, 'objects', 'info', 'alternates')))
      throw new GitError(
        'foreign-configuration',
        `${mirror} borrows objects of another repository, which Glovebox never sets up: remove the folder`,
      )
    await fetchRemote(git, remote, {
      into: mirror,
      refspecs: ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
      mirror: true,
      ...(signal ? { signal } : {}),
    }).catch(async (error: unknown) => {
      await removeUnfinishedPacks(mirror)
      throw error
    })
    const branch = defaultBranchOf({ branches, head })
    if (branch !== null) await git.run({ gitDir: mirror, argv: ['symbolic-ref', 'HEAD', `refs/heads/${branch}`] })
  })
}

/** The branch that HEAD named at the last update of the mirror. */
export async function defaultBranch(git: HostGit, mirror: string): Promise<string> {
  const { stdout } = await git.run({ gitDir: mirror, argv: ['symbolic-ref', '--short', 'HEAD'] })
  return stdout.toString('utf8').trim()
}

/** The commit of a branch, given as `main` or `refs/heads/main`. GitError `unknown-ref` names the nearest branches. */
export async function resolveRef(git: HostGit, mirror: string, ref: string): Promise<string> {
  const branch = ref.startsWith(HEADS) ? ref.slice(HEADS.length) : ref
  const refs = await listRefs(git, mirror, HEADS)
  const commit = isBranchName(branch) ? refs.get(`${HEADS}${branch}`) : undefined
  if (commit !== undefined) return commit
  const names = [...refs.keys()].map((name) => name.slice(HEADS.length))
  throw new GitError(
    'unknown-ref',
    `there is no branch ${JSON.stringify(branch.slice(0, 200))}${suggestNames(branch, names)}`,
  )
}

/** The branch of HEAD. If HEAD names no branch: an existing branch with a usual name, or the only branch; else null. */
export function defaultBranchOf(remote: { branches: ReadonlyMap<string, string>; head: string | null }): string | null {
  return remote.head ?? usualBranch([...remote.branches.keys()])
}

function usualBranch(names: readonly string[]): string | null {
  return USUAL_NAMES.find((name) => names.includes(name)) ?? (names.length === 1 ? (names[0] ?? null) : null)
}

/** Creates the mirror atomically, so that a mirror left unfinished by a crash is never used. */
async function createMirror(git: HostGit, mirror: string, format: 'sha1' | 'sha256'): Promise<void> {
  await mkdir(dirname(mirror), { recursive: true, mode: 0o700 })
  const partial = `${mirror}.partial`
  await rm(partial, { recursive: true, force: true })
  await initBare(git, partial, { format, branch: 'main' })
  await rename(partial, mirror)
}

/** Removes the partial packs of a failed fetch. They could fill the disk, and then nothing could be recorded. */
async function removeUnfinishedPacks(mirror: string): Promise<void> {
  const folder = join(mirror, 'objects', 'pack')
  const left = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('tmp_'))
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })))
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
