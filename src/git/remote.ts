// Reads and pushes to the forge's repository. git reaches it only by a transport, never as a git directory.
import type { GitCommand, HostGit } from './host-git.ts'
import { GitError, isGitError } from './git-error.ts'
import { FAR_RECEIVE_CHECKED_OUT, FAR_RECEIVE_PACK, FAR_UPLOAD_PACK, farSideEnvironment } from './hardening.ts'
import type { GitProtocol } from './hardening.ts'
import type { ObjectFormat } from './object-id.ts'
import { formatOfId, isObjectId } from './object-id.ts'
import { isBranchName } from './ref-name.ts'
import type { Purpose } from './stand-in.ts'
import { hasPromisedObjects, locateRepository, withStandIn } from './stand-in.ts'

const TRANSFER_TIMEOUT_MS = 30 * 60_000
const MAX_REFS_BYTES = 64 * 1024 * 1024

/** `address` is an absolute path or an https URL without credentials. */
export interface Remote {
  address: string
  kind: 'local' | 'https' | 'http'
}

export interface RemoteBranches {
  /** From branch name to commit. */
  branches: ReadonlyMap<string, string>
  /** The branch that HEAD names; null if HEAD is detached or names a missing branch. */
  head: string | null
  format: ObjectFormat
}

export async function listRemote(git: HostGit, remote: Remote, signal?: AbortSignal): Promise<RemoteBranches> {
  const { stdout } = await reach(git, remote, 'read', (address) => {
    const argv = ['ls-remote', '--symref', ...uploadPack(remote), '--end-of-options', address, 'HEAD', 'refs/heads/*']
    return git.run({ ...transport(remote, address, signal), argv, maxOutput: MAX_REFS_BYTES })
  })
  return parseBranches(stdout.toString('utf8'))
}

/** Fetches refs into a bare repository that Glovebox owns. `refspecs` are constants or made from checked names. */
export async function fetchRemote(
  git: HostGit,
  remote: Remote,
  options: {
    into: string
    refspecs: readonly string[]
    /** Prunes removed refs and writes a commit-graph, which speeds up walks through the history (git-commit-graph(1)). */
    mirror: boolean
    signal?: AbortSignal
  },
): Promise<void> {
  const argv = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    '--no-recurse-submodules',
  ]
  if (options.mirror) argv.push('--prune')
  const { stderr } = await reach(git, remote, 'read', (address) =>
    git.run({
      ...transport(remote, address, options.signal),
      gitDir: options.into,
      // Objects of the forge may have old faults, so they are not checked; that is git's default. Glovebox checks out no
      // tree, and the objects that a run adds must pass all checks (strict-check.ts).
      config: ['transfer.fsckObjects=false', `fetch.writeCommitGraph=${options.mirror}`],
      argv: [...argv, ...uploadPack(remote), '--end-of-options', address, ...options.refspecs],
      timeoutMs: TRANSFER_TIMEOUT_MS,
    }),
  )
  // git only warns of a shallow repository and leaves branches out.
  if (SHALLOW.test(stderr)) throw incomplete(remote, 'shallow', stderr)
}

/** One line of `push --porcelain`: the result for the ref. */
export interface PushOutcome {
  accepted: boolean
  summary: string
}

/** `expected` is the old value that the ref must have, or null if the ref must not exist. */
export async function pushRemote(
  git: HostGit,
  remote: Remote,
  options: {
    from: string
    commit: string
    branch: string
    expected: string | null
    /** Whether a branch that is checked out is updated, too; the caller must update its work tree. */
    checkedOut?: boolean
    signal?: AbortSignal
  },
): Promise<PushOutcome> {
  const ref = `refs/heads/${options.branch}`
  const lease = `--force-with-lease=${ref}:${options.expected ?? ''}`
  const argv = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease]
  if (remote.kind === 'local')
    argv.push(`--receive-pack=${options.checkedOut === true ? FAR_RECEIVE_CHECKED_OUT : FAR_RECEIVE_PACK}`)
  const { code, stdout, stderr } = await reach(git, remote, 'write', (address) =>
    git.run({
      ...transport(remote, address, options.signal),
      gitDir: options.from,
      argv: [...argv, '--end-of-options', address, `${options.commit}:${ref}`],
      timeoutMs: TRANSFER_TIMEOUT_MS,
      okCodes: [0, 1],
    }),
  )
  const line = stdout
    .toString('utf8')
    .split('\n')
    .find((text) => /^[ +\-*!=]\t/.test(text))
  if (line === undefined) throw new GitError('failed', `git push gave no result: ${lastLine(stderr)}`, { argv, stderr })
  return { accepted: code === 0 && !line.startsWith('!'), summary: line.split('\t')[2] ?? '' }
}

/** Calls `work` with the address for git. For a repository on this machine, that is the path of a stand-in. */
async function reach<T>(
  git: HostGit,
  remote: Remote,
  purpose: Purpose,
  work: (address: string) => Promise<T>,
): Promise<T> {
  const repository = remote.kind === 'local' ? await locateRepository(remote.address) : null
  try {
    return await (repository === null ? work(remote.address) : withStandIn(git, repository, purpose, work))
  } catch (error) {
    const promised = repository !== null && isGitError(error, 'failed') && (await hasPromisedObjects(repository))
    throw promised ? incomplete(remote, 'partial', error.stderr) : readableFailure(error, remote)
  }
}

function transport(
  remote: Remote,
  address: string,
  signal: AbortSignal | undefined,
): Pick<GitCommand, 'protocols' | 'env' | 'signal'> {
  const protocol: GitProtocol = remote.kind === 'local' ? 'file' : remote.kind
  const env = remote.kind === 'local' ? farSideEnvironment(address) : {}
  return { protocols: [protocol], env, ...(signal ? { signal } : {}) }
}

function uploadPack(remote: Remote): string[] {
  return remote.kind === 'local' ? [`--upload-pack=${FAR_UPLOAD_PACK}`] : []
}

function parseBranches(text: string): RemoteBranches {
  const branches = new Map<string, string>()
  let head: string | null = null
  let format: ObjectFormat = 'sha1'
  for (const line of text.split('\n')) {
    const [value = '', name = ''] = line.split('\t')
    if (name === 'HEAD' && value.startsWith('ref: refs/heads/')) head = value.slice('ref: refs/heads/'.length)
    if (!isObjectId(value)) continue
    format = formatOfId(value)
    const branch = name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : ''
    if (isBranchName(branch)) branches.set(branch, value)
  }
  return { branches, head: head !== null && branches.has(head) ? head : null, format }
}

const NO_REPOSITORY = /not appear to be a git repository|not a git repository|repository .* not found|does not exist/i

/** With http.followRedirects=false, git reports the status of the redirect. */
const REDIRECT = /The requested URL returned error: 3\d\d|unable to update url base from redirection/i

const SHALLOW = /shallow roots are not allowed to be updated|attempt to fetch\/clone from a shallow repository/

/** The error for a clone that lacks history or objects. */
function incomplete(remote: Remote, kind: keyof typeof INCOMPLETE, stderr: string): GitError {
  const { what, cure } = INCOMPLETE[kind]
  const mend = remote.kind === 'local' ? `git -C ${remote.address} ${cure}` : `git ${cure}`
  const message = `${remote.address} is a ${what}: complete it with \`${mend}\`, or name the repository that it was cloned from`
  return new GitError('incomplete', message, { stderr })
}

const INCOMPLETE = {
  shallow: { what: 'shallow clone, whose history is cut off', cure: 'fetch --unshallow' },
  partial: { what: 'partial clone, which lacks objects', cure: 'fetch --refetch --no-filter' },
} as const

function readableFailure(error: unknown, remote: Remote): unknown {
  if (!isGitError(error, 'failed')) return error
  if (REDIRECT.test(error.stderr))
    return new GitError(
      'failed',
      `${remote.address} redirects, and Glovebox does not follow: name the target address of the redirect instead`,
      {
        argv: error.argv,
        stderr: error.stderr,
      },
    )
  if (SHALLOW.test(error.stderr)) return incomplete(remote, 'shallow', error.stderr)
  if (!NO_REPOSITORY.test(error.stderr)) return error
  return new GitError('not-a-repository', `${remote.address} is not a git repository`, {
    argv: error.argv,
    stderr: error.stderr,
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
