// The forge's own repository, which git reaches by a transport only: never as a git directory of ours.
import type { GitCommand, HostGit } from './host-git.ts'
import { GitError } from './git-error.ts'
import { FAR_RECEIVE_PACK, FAR_UPLOAD_PACK, farSideEnvironment } from './hardening.ts'
import type { GitProtocol } from './hardening.ts'
import type { ObjectFormat } from './object-id.ts'
import { formatOfId, isObjectId } from './object-id.ts'
import { isBranchName } from './ref-name.ts'

const TRANSFER_TIMEOUT_MS = 30 * 60_000
const MAX_REFS_BYTES = 64 * 1024 * 1024

/** `address` is an absolute path or an https URL without credentials. */
export interface Remote {
  address: string
  kind: 'local' | 'https' | 'http'
}

export interface RemoteBranches {
  /** Branch to commit. */
  branches: ReadonlyMap<string, string>
  /** The branch that HEAD names; null when it is detached or names none that exists. */
  head: string | null
  format: ObjectFormat
}

export async function listRemote(git: HostGit, remote: Remote, signal?: AbortSignal): Promise<RemoteBranches> {
  const argv = [
    'ls-remote',
    '--symref',
    ...uploadPack(remote),
    '--end-of-options',
    remote.address,
    'HEAD',
    'refs/heads/*',
  ]
  const command = { ...transport(remote, signal), argv, maxOutput: MAX_REFS_BYTES }
  const { stdout } = await git.run(command).catch((error: unknown) => {
    throw readableFailure(error, remote)
  })
  return parseBranches(stdout.toString('utf8'))
}

/** Brings refs into a bare repository of ours. `refspecs` are ours or made from checked names. */
export async function fetchRemote(
  git: HostGit,
  remote: Remote,
  options: { into: string; refspecs: readonly string[]; prune: boolean; signal?: AbortSignal },
): Promise<void> {
  const argv = [
    'fetch',
    '--quiet',
    '--no-tags',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    '--no-recurse-submodules',
  ]
  if (options.prune) argv.push('--prune')
  argv.push(...uploadPack(remote), '--end-of-options', remote.address, ...options.refspecs)
  const command = {
    ...transport(remote, options.signal),
    gitDir: options.into,
    config: FETCH_FSCK,
    argv,
    timeoutMs: TRANSFER_TIMEOUT_MS,
  }
  await git.run(command).catch((error: unknown) => {
    throw readableFailure(error, remote)
  })
}

/** One line of `push --porcelain`: what became of the ref. */
export interface PushOutcome {
  accepted: boolean
  summary: string
}

/** `expected` is the old value that the ref must have, or null when it must not exist. */
export async function pushRemote(
  git: HostGit,
  remote: Remote,
  options: { from: string; commit: string; branch: string; expected: string | null; signal?: AbortSignal },
): Promise<PushOutcome> {
  const ref = `refs/heads/${options.branch}`
  const lease = `--force-with-lease=${ref}:${options.expected ?? ''}`
  const argv = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease]
  if (remote.kind === 'local') argv.push(`--receive-pack=${FAR_RECEIVE_PACK}`)
  argv.push('--end-of-options', remote.address, `${options.commit}:${ref}`)
  const command = {
    ...transport(remote, options.signal),
    gitDir: options.from,
    argv,
    timeoutMs: TRANSFER_TIMEOUT_MS,
    okCodes: [0, 1],
  }
  const { code, stdout, stderr } = await git.run(command).catch((error: unknown) => {
    throw readableFailure(error, remote)
  })
  const line = stdout
    .toString('utf8')
    .split('\n')
    .find((text) => /^[ +\-*!=]\t/.test(text))
  if (line === undefined) throw new GitError('failed', `git push gave no result: ${lastLine(stderr)}`, { argv, stderr })
  return { accepted: code === 0 && !line.startsWith('!'), summary: line.split('\t')[2] ?? '' }
}

// Old histories have these faults, and the forge already has the objects; what a run pushes is held to all checks.
const FETCH_FSCK: readonly string[] = [
  'missingSpaceBeforeDate',
  'badTimezone',
  'zeroPaddedFilemode',
  'missingEmail',
  'missingNameBeforeEmail',
  'badEmail',
].map((fault) => `fetch.fsck.${fault}=ignore`)

function transport(remote: Remote, signal: AbortSignal | undefined): Pick<GitCommand, 'protocols' | 'env' | 'signal'> {
  const protocol: GitProtocol = remote.kind === 'local' ? 'file' : remote.kind
  const env = remote.kind === 'local' ? farSideEnvironment(remote.address) : {}
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

function readableFailure(error: unknown, remote: Remote): unknown {
  if (!(error instanceof GitError) || error.code !== 'failed' || !NO_REPOSITORY.test(error.stderr)) return error
  return new GitError('not-a-repository', `${remote.address} is not a git repository`, {
    argv: error.argv,
    stderr: error.stderr,
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
