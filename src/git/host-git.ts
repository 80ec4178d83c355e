// Runs git on the host; no other code does. Invariant 4: git runs only in a bare repository that Glovebox owns, or reaches
// the forge's repository as the far side of a transport. It never touches a tree or a `.git` that a sandbox can write.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GitError } from './git-error.ts'
import type { GitProtocol, GitSurroundings } from './hardening.ts'
import { gitEnvironment, HARDENED_ARGUMENTS } from './hardening.ts'
import { createKeyedQueue } from './keyed-queue.ts'
import { refuseForeignConfiguration } from './own-configuration.ts'

const DEFAULT_TIMEOUT_MS = 120_000
const DEFAULT_MAX_OUTPUT = 16 * 1024 * 1024
const STDERR_KEPT = 8 * 1024
const DEFAULT_MEMORY = 4 * 1024 ** 3
/** CPU seconds per second of the timeout. git uses several threads, and the kernel adds up their CPU time. */
const CPU_PER_WALL = 4

/**
 * Starts git with limits on memory and CPU time. A push of a few kilobytes can unfold to billions of paths, and git keeps
 * the paths that it compares in memory. The limits also end a git that outlives a killed Glovebox. RLIMIT_DATA counts
 * writable memory only, so mapped packs of any size are allowed. If a lower limit already holds, ulimit fails, and
 * `command` makes the shell go on with the lower limit. The shell does not interpret the arguments.
 */
const LIMITED = 'command ulimit -d "$1" 2>/dev/null; command ulimit -t "$2" 2>/dev/null; shift 2; exec git "$@"'

export interface GitCommand {
  /** Subcommand and arguments; `--end-of-options` comes before any value from outside. */
  argv: readonly string[]
  /** A bare repository that Glovebox owns. Without it git runs outside any repository. */
  gitDir?: string
  /** Working directory, a folder that Glovebox owns. Default: the empty HOME. */
  cwd?: string
  /** Extra `key=value` settings. */
  config?: readonly string[]
  env?: Readonly<Record<string, string>>
  protocols?: readonly GitProtocol[]
  signal?: AbortSignal
  timeoutMs?: number
  /** Limit on the writable memory of each process, in bytes. Default: 4 GiB. */
  memoryBytes?: number
}

export interface GitRunCommand extends GitCommand {
  input?: Uint8Array | string | Readable
  /** Limit on standard output, in bytes; more is the error `too-large`. */
  maxOutput?: number
  /** Exit codes that do not count as a failure. Default: 0. */
  okCodes?: readonly number[]
}

export interface GitResult {
  code: number
  stdout: Buffer
  stderr: string
}

export interface GitProcess {
  stdin: Writable
  stdout: Readable
  /** Resolves when git and its streams have ended; rejects on timeout, abort or stop(). */
  ended: Promise<{ code: number | null; stderr: string }>
  /** Whether git itself has exited; its streams may still be open. */
  hasExited(): boolean
  /** Kills git and its children; `ended` then rejects with this code. */
  stop(code: StopCode): void
}

export type StopCode = 'aborted' | 'timeout' | 'too-large'

export interface HostGit {
  start(command: GitCommand): GitProcess
  /** Rejects with a GitError unless git ended with one of okCodes. */
  run(command: GitRunCommand): Promise<GitResult>
  /** Runs work with the same key one at a time; the key is for example the path of a mirror. */
  exclusive<T>(key: string, work: () => Promise<T>): Promise<T>
  /** Gives the work a fresh folder that only Glovebox can reach, and removes the folder afterwards. */
  inScratch<T>(work: (folder: string) => Promise<T>): Promise<T>
}

export interface HostGitOptions {
  /** PATH of git and of the programs it starts. */
  path: string
  /** A folder for this object alone; it holds an empty HOME and scratch space. */
  folder: string
  /** Variables for https on this machine, such as `https_proxy` and `GIT_SSL_CAINFO`. */
  network?: Readonly<Record<string, string>>
}

export async function createHostGit(options: HostGitOptions): Promise<HostGit> {
  const home = join(options.folder, 'home')
  const scratch = join(options.folder, 'scratch')
  for (const folder of [home, scratch]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const surroundings = { path: options.path, home, network: options.network ?? {} }
  const start = (command: GitCommand) => startGit(command, surroundings)
  return {
    start,
    run: (command) => runGit(command, start),
    exclusive: createKeyedQueue(),
    async inScratch(work) {
      const folder = await mkdtemp(join(scratch, 'git-'))
      try {
        return await work(folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}

function startGit(command: GitCommand, surroundings: GitSurroundings): GitProcess {
  if (command.gitDir !== undefined) refuseForeignConfiguration(command.gitDir)
  const argv = [...HARDENED_ARGUMENTS, ...(command.config ?? []).flatMap((setting) => ['-c', setting])]
  if (command.gitDir !== undefined) argv.push(`--git-dir=${command.gitDir}`)
  const env = { ...gitEnvironment({ ...surroundings, protocols: command.protocols ?? [] }), ...command.env }
  // A separate process group, so that children of git such as index-pack end together with it.
  const timeoutMs = command.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const memoryKib = Math.ceil((command.memoryBytes ?? DEFAULT_MEMORY) / 1024)
  const limits = [memoryKib, Math.ceil((timeoutMs / 1000) * CPU_PER_WALL)].map(String)
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', ...limits, ...argv, ...command.argv], {
    cwd: command.cwd ?? surroundings.home,
    env,
    stdio: 'pipe',
    detached: true,
  })
  let stopped: StopCode | null = null
  let closed = false
  const stop = (code: StopCode) => {
    if (closed) return
    stopped ??= code
    killGroup(child.pid)
  }
  const ended = new Promise<{ code: number | null; stderr: string }>((resolve, reject) => {
    let stderr = ''
    const timer = setTimeout(() => stop('timeout'), timeoutMs)
    const onAbort = () => stop('aborted')
    const settle = () => {
      closed = true
      clearTimeout(timer)
      command.signal?.removeEventListener('abort', onAbort)
    }
    command.signal?.addEventListener('abort', onAbort, { once: true })
    if (command.signal?.aborted) stop('aborted')
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT)
    })
    child.on('error', (error) => {
      settle()
      reject(new GitError('failed', `git could not be started: ${error.message}`, { argv: command.argv }))
    })
    child.on('close', (code) => {
      settle()
      if (stopped === null) resolve({ code, stderr })
      else reject(new GitError(stopped, `git ${command.argv[0]} ${STOPPED[stopped]}`, { argv: command.argv, stderr }))
    })
  })
  ended.catch(() => {})
  // If git ends before it has read all input, its exit code gives the reason; ignore the EPIPE.
  child.stdin.on('error', () => {})
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  return { stdin: child.stdin, stdout: child.stdout, ended, hasExited, stop }
}

const STOPPED = {
  timeout: 'took too long',
  aborted: 'was stopped',
  'too-large': 'gave more output than its limit allows',
} as const satisfies Record<StopCode, string>

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has ended already.
  }
}

async function runGit(command: GitRunCommand, start: (command: GitCommand) => GitProcess): Promise<GitResult> {
  const child = start(command)
  const chunks: Buffer[] = []
  let size = 0
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > (command.maxOutput ?? DEFAULT_MAX_OUTPUT)) child.stop('too-large')
    else chunks.push(chunk)
  })
  const fed = feed(child, command.input)
  const { code, stderr } = await child.ended.catch(async (error: unknown) => {
    throw (await fed) ?? error
  })
  if (code === null || !(command.okCodes ?? [0]).includes(code)) {
    const last = stderr.trim().split('\n').at(-1) ?? ''
    const how = code === null ? 'was killed' : `failed with ${code}`
    throw new GitError('failed', `git ${command.argv[0]} ${how}${last ? `: ${last}` : ''}`, {
      argv: command.argv,
      stderr,
    })
  }
  return { code, stdout: Buffer.concat(chunks), stderr }
}

/** Writes the input to git. Never rejects: if the input fails, it stops git and returns the error. */
async function feed(child: GitProcess, input: GitRunCommand['input']): Promise<unknown> {
  if (input === undefined || typeof input === 'string' || input instanceof Uint8Array) {
    child.stdin.end(input)
    return null
  }
  try {
    await pipeline(input, child.stdin)
    return null
  } catch (error) {
    // If git ended before it had read all input, its exit code gives the reason.
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return null
    // git reads no further than the end of a pack, and may end before its input does.
    if (code === 'ERR_STREAM_PREMATURE_CLOSE' && child.hasExited()) return null
    child.stop('aborted')
    return code === 'ERR_STREAM_PREMATURE_CLOSE' ? null : error
  }
}
