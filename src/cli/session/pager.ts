// Shows the output of a command in a pager, if standard output is a terminal. The output is escaped text: it passed
// printable(), so a pager that lets colours through, such as `less -R`, gets no control characters of a run.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { EXIT } from '../../contract/problem.ts'
import { printable } from '../../domain/byte-text.ts'
import type { CliEnvironment, OutputStream } from '../cli-environment.ts'
import { write } from '../text/write.ts'
import type { CommonOptions } from './session.ts'

export interface PagerOptions extends CommonOptions {
  /** false after `--no-pager`. */
  pager?: boolean
}

/** -F: ends at once if all fits on the screen; -R: shows colours; -X: leaves the text on the screen. */
const DEFAULT_PAGER = 'less -FRX'

/**
 * Most output, in bytes, that waits for the pager. Up to it the work goes on while the person reads, so that it does not
 * hold the data folder meanwhile.
 */
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/** Resolves with the exit code of the work, after the pager has ended; an early end of the pager is no error. */
export async function withPager(
  environment: CliEnvironment,
  options: PagerOptions,
  work: (environment: CliEnvironment) => Promise<number>,
): Promise<number> {
  const argv = options.json === true || options.pager === false ? null : pagerOf(environment)
  if (argv === null) return work(environment)
  const pager = openPager(environment, argv)
  // The work stops, too, when nobody reads its output any more.
  const interrupted = AbortSignal.any([environment.interrupted, pager.ended])
  const stoppedByPager = (): boolean => pager.ended.aborted && !environment.interrupted.aborted
  try {
    const code = await work({ ...environment, stdout: pager.stdout, interrupted })
    return stoppedByPager() && code === EXIT.interrupted ? EXIT.done : code
  } catch (error) {
    // A request to a server that was still answering.
    if (stoppedByPager() && error instanceof Error && error.name === 'AbortError') return EXIT.done
    throw error
  } finally {
    await pager.finish()
  }
}

/** The words of the pager's command, separated by spaces only; null if there is none. */
function pagerOf({ stdout, env, startsPager }: CliEnvironment): string[] | null {
  if (!startsPager || stdout.isTTY !== true || env['TERM'] === 'dumb') return null
  const words = (env['GLOVEBOX_PAGER'] ?? env['PAGER'] ?? DEFAULT_PAGER).split(' ').filter((word) => word !== '')
  return words.length === 0 || (words.length === 1 && words[0] === 'cat') ? null : words
}

function openPager(environment: CliEnvironment, argv: readonly string[]) {
  const { stdout, env } = environment
  const ended = new AbortController()
  let starting: Promise<ChildProcess | null> | null = null

  async function start(): Promise<ChildProcess | null> {
    const [program = '', ...args] = argv
    const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env: pagerEnvironment(env) })
    // The pager may end before it has read everything.
    child.stdin?.on('error', () => {})
    try {
      await once(child, 'spawn')
    } catch (error) {
      const isNamed = env['GLOVEBOX_PAGER'] !== undefined || env['PAGER'] !== undefined
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
      if (isNamed) environment.stderr.write(`The pager ${printable(program)} does not start: ${reason}\n`)
      return null
    }
    child.once('exit', () => ended.abort())
    return child
  }

  async function page(chunk: string | Uint8Array): Promise<void> {
    // Not before the first output, so that an error alone needs no pager.
    const child = await (starting ??= start())
    if (child === null) return write(stdout, chunk)
    const { stdin } = child
    if (ended.signal.aborted || stdin === null || stdin.destroyed) return
    stdin.write(chunk)
    if (stdin.writableLength > MAX_WAITING_BYTES) await once(stdin, 'drain', { signal: ended.signal }).catch(() => {})
  }

  const paged: OutputStream = {
    isTTY: true,
    get columns() {
      return stdout.columns ?? 80
    },
    get rows() {
      return stdout.rows ?? 24
    },
    write(chunk, done) {
      page(chunk).then(() => done?.(), done)
      return true
    },
  }

  return {
    stdout: paged,
    ended: ended.signal,
    async finish(): Promise<void> {
      const child = await starting
      if (child === null) return
      child.stdin?.end()
      if (!ended.signal.aborted) await once(ended.signal, 'abort')
    },
  }
}

/** The person's own variables, such as LESS, without those of Glovebox: they may hold the master key. */
function pagerEnvironment(env: CliEnvironment['env']): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GLOVEBOX_')))
}
