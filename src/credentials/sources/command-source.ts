// Runs a program that prints the secret, such as `op read op://vault/openai/key`. The program gets only PATH and HOME of
// the environment, no shell, no input and a short time limit. Its standard error is dropped, since it may contain the
// secret.
import { spawn } from 'node:child_process'
import { MAX_SECRET_BYTES, secretFromBytes } from '../secret-text.ts'
import type { SecretText } from '../secret-text.ts'
import { CredentialError } from '../types.ts'

export interface CommandEnvironment {
  PATH: string
  HOME: string
}

export const COMMAND_MS = 15_000
const MAX_OUTPUT = MAX_SECRET_BYTES + 2

export async function runSecretCommand(
  argv: readonly string[],
  env: CommandEnvironment,
  signal: AbortSignal,
  timeoutMs: number = COMMAND_MS,
): Promise<SecretText> {
  const [program = '', ...args] = argv
  const timeout = AbortSignal.timeout(timeoutMs)
  const { bytes, over, ending } = await outputOf(program, args, env, AbortSignal.any([signal, timeout]))
  signal.throwIfAborted()
  if (timeout.aborted) throw failed(program, `did not end within ${timeoutMs / 1000} s`)
  if (over) throw new CredentialError('bad-secret', 'command', `${program} printed more than ${MAX_SECRET_BYTES} bytes`)
  if (ending !== null) throw failed(program, ending)
  return secretFromBytes(bytes, 'command', `the output of ${program}`)
}

interface Output {
  bytes: Uint8Array
  /** Whether the output exceeded its limit. */
  over: boolean
  /** How the program failed; null: it succeeded. */
  ending: string | null
}

/** Runs the program in its own process group, so that its children end with it. */
function outputOf(program: string, args: string[], env: CommandEnvironment, signal: AbortSignal): Promise<Output> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: '/',
      env: { ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    const chunks: Buffer[] = []
    let length = 0
    const kill = (): void => {
      if (child.pid !== undefined) killGroup(child.pid)
      child.stdout.destroy()
    }
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > MAX_OUTPUT) return kill()
      chunks.push(chunk)
    })
    signal.addEventListener('abort', kill, { once: true })
    const end = (ending: string | null): void => {
      signal.removeEventListener('abort', kill)
      resolve({ bytes: Buffer.concat(chunks), over: length > MAX_OUTPUT, ending })
    }
    child.once('error', (error: NodeJS.ErrnoException) => end(`can't be run: ${error.code ?? 'unknown error'}`))
    child.once('close', (code, killedBy) => {
      // Kill the remaining processes of its group, too.
      kill()
      end(code === 0 ? null : `failed: ${code === null ? `signal ${killedBy}` : `exit ${code}`}`)
    })
    if (signal.aborted) kill()
  })
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // The group has already ended.
  }
}

function failed(program: string, how: string): CredentialError {
  return new CredentialError('source-failed', 'command', `the command ${program} ${how}`, {
    cure: 'run it under the account of Glovebox to see the reason; the command gets only PATH and HOME',
  })
}
