// Tells whether the index of a work tree has files below a path. The repository is untrusted: git only reads its index and
// runs no program that its configuration names (hardening.ts).
import { spawn } from 'node:child_process'
import { relative } from 'node:path'
import { GitError } from './git-error.ts'
import { gitEnvironment, HARDENED_ARGUMENTS } from './hardening.ts'

const TIMEOUT_MS = 20_000
const STDERR_KEPT = 4096
const NO_REPOSITORY = /not a git repository/i

export interface TrackedQuestion {
  /** The work tree's `.git`: a folder, or the file that names one. */
  gitDir: string
  workTree: string
  /** Absolute path inside the work tree, or of the work tree itself. */
  path: string
  /** PATH in which git is found. */
  searchPath: string
}

/** Returns false if `.git` is not a repository. Rejects with GitError if git fails. */
export function tracksBelow({ gitDir, workTree, path, searchPath }: TrackedQuestion): Promise<boolean> {
  const below = relative(workTree, path)
  const argv = ['ls-files', '-z', '--cached', '--', below === '' ? '.' : below]
  const child = spawn('git', [...HARDENED_ARGUMENTS, `--git-dir=${gitDir}`, `--work-tree=${workTree}`, ...argv], {
    cwd: workTree,
    env: gitEnvironment({ path: searchPath, home: '/nonexistent', network: {}, protocols: [] }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  return new Promise((resolve, reject) => {
    let tracked = false
    let stderr = ''
    child.stdout.on('data', () => {
      tracked = true
      child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)))
    child.on('error', (error) => reject(cannotTell(workTree, error.message)))
    child.on('close', (code) => {
      if (tracked) resolve(true)
      else if (code === 0 || NO_REPOSITORY.test(stderr)) resolve(false)
      else reject(cannotTell(workTree, stderr.trim().split('\n').at(-1) ?? 'it was killed'))
    })
  })
}

function cannotTell(workTree: string, why: string): GitError {
  return new GitError('failed', `git cannot say what the repository in ${workTree} tracks: ${why}`)
}
