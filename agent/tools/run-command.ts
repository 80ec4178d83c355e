import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { BoundedOutput } from './bounded-output.ts'
import { endGroup, noteGroup, stillRuns } from './process-groups.ts'

export interface CommandEnd {
  /** null if the command could not be started. */
  pid: number | null
  code: number | null
  signal: string | null
  output: string
  outputBytes: number
  ended: 'by itself' | 'by its time limit' | 'by cancel'
  /** Whether a background process of the command still runs. */
  leftRunning: boolean
  failure: string | null
}

export interface CommandOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  timeoutMs: number
  signal: AbortSignal
}

const KEPT_OF_EACH_END = 16 * 1024
/** How long to wait for output after the command has exited: a background program may hold the pipe open for ever. */
const DRAIN_MS = 2_000

/** Runs a command. Standard output and standard error are merged, in order as far as two pipes allow. */
export async function runCommand(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandEnd> {
  const output = new BoundedOutput(KEPT_OF_EACH_END)
  const [program, ...args] = argv
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.add(chunk))

  let ended: CommandEnd['ended'] = 'by itself'
  const pid = child.pid ?? null
  if (pid !== null) noteGroup(pid)
  const end = (why: CommandEnd['ended']): void => {
    if (pid === null || ended !== 'by itself') return
    ended = why
    void endGroup(pid)
  }
  const cancel = (): void => end('by cancel')
  const timer = setTimeout(() => end('by its time limit'), options.timeoutMs)
  options.signal.addEventListener('abort', cancel)
  if (options.signal.aborted) cancel()
  try {
    const closed = once(child, 'close')
    // The wait for 'exit' below reports a failed start.
    closed.catch(() => undefined)
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })])
    if (pid !== null && ended !== 'by itself') await endGroup(pid)
    const leftRunning = pid !== null && stillRuns(pid) && ended === 'by itself'
    return { pid, code, signal, output: output.text(), outputBytes: output.total, ended, leftRunning, failure: null }
  } catch (error) {
    const failure = (error as Error).message
    return { pid, code: null, signal: null, output: '', outputBytes: 0, ended, leftRunning: false, failure }
  } finally {
    clearTimeout(timer)
    options.signal.removeEventListener('abort', cancel)
    child.stdout.destroy()
    child.stderr.destroy()
  }
}
