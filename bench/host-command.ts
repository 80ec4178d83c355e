// Commands outside any sandbox: the bare side of a comparison, and its preparation.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { BenchError } from './bench-error.ts'

export interface HostCommand {
  argv: readonly [string, ...string[]]
  cwd: string
  env: Readonly<Record<string, string>>
  signal: AbortSignal
}

interface HostResult {
  ms: number
  /** Milliseconds from the call until the first byte of standard output. */
  firstByteMs: number
  stdout: string
}

const KEPT_CHARS = 64 * 1024

/** Rejects when the command does not exit with 0; with `unavailable` when its program is missing. */
export async function runOnHost(command: HostCommand): Promise<HostResult> {
  const [program, ...args] = command.argv
  command.signal.throwIfAborted()
  const start = performance.now()
  // A separate process group, so that npm's children and the processes under strace can be killed with it.
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: command.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const stop = (): void => killGroup(child)
  command.signal.addEventListener('abort', stop, { once: true })
  try {
    return await resultOf(child, program, start)
  } finally {
    command.signal.removeEventListener('abort', stop)
  }
}

function resultOf(child: ChildProcess, program: string, start: number): Promise<HostResult> {
  let [stdout, stderr, firstByteMs] = ['', '', Number.NaN]
  child.stdout?.once('data', () => (firstByteMs = performance.now() - start))
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-KEPT_CHARS)))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-KEPT_CHARS)))
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code === 'ENOENT' ? 'unavailable' : 'failed'
      reject(new BenchError(code, `${program} can't be run: ${error.message}`, { cause: error }))
    })
    child.once('close', (code, signal) => {
      const ms = performance.now() - start
      if (code === 0) return resolve({ ms, firstByteMs, stdout })
      const said = (stderr || stdout).trim().slice(0, 300).replaceAll('\n', '; ')
      reject(new BenchError('failed', `${program} ended with ${signal ?? code}: ${said}`))
    })
  })
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The process group has ended meanwhile.
  }
}
