// A command line with recording streams, on an instance that executes no runs.
import { Readable } from 'node:stream'
import type { CliEnvironment, InputStream, OutputStream } from '../../src/cli/cli-environment.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { ServiceError } from '../../src/services/types.ts'
import type { TestInstance } from '../services/test-instance.ts'

export interface Terminal {
  instance: TestInstance
  /** Runs a command to its end. */
  type(...args: string[]): Promise<{ code: number; stdout: string; stderr: string; bytes: Uint8Array }>
  interrupt(): void
  /** Contexts that it opened; true once disposed. */
  contexts: { disposed: boolean }[]
}

export interface TerminalOptions {
  dataFolder: string
  instance: TestInstance
  tty?: boolean
  /** Whether a pager may be started. It writes to the standard output of the test itself. */
  startsPager?: boolean
  env?: Record<string, string>
  /** Content of standard input; a terminal gets it as keys. */
  input?: string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  cwd?: string
  /** Shared by all terminals of one data folder, like the folder's lock. */
  lock?: { held: boolean }
}

export const TOKEN = 't'.repeat(43)

export function openTerminal(options: TerminalOptions): Terminal {
  const { instance } = options
  const contexts: Terminal['contexts'] = []
  const lock = options.lock ?? { held: false }
  const interrupted = new AbortController()
  const interruptedAgain = new AbortController()
  const environment: Omit<CliEnvironment, 'stdout' | 'stderr'> = {
    startsPager: options.startsPager ?? false,
    env: { GLOVEBOX_DATA: options.dataFolder, ...options.env },
    cwd: options.cwd ?? options.dataFolder,
    version: '1.2.3',
    stdin: () => inputStream(options),
    person: { id: 'user:alice' },
    async openContext({ dataFolder }) {
      if (lock.held) throw new ServiceError('busy', 'Another process holds the data folder')
      lock.held = true
      const context = { disposed: false }
      contexts.push(context)
      return {
        services: instance.services,
        dataFolder,
        async unended() {
          const { items } = await instance.store.runs.list({ status: ['queued', 'running'], limit: 100 })
          return items.map(({ id }) => id)
        },
        async [Symbol.asyncDispose]() {
          lock.held = false
          context.disposed = true
        },
      }
    },
    apiToken: async (folder) => ({ token: TOKEN, file: `${folder}/api-token` }),
    recentNames: async () => [],
    interrupted: interrupted.signal,
    interruptedAgain: interruptedAgain.signal,
  }
  return {
    instance,
    contexts,
    interrupt: () => (interrupted.signal.aborted ? interruptedAgain : interrupted).abort(),
    async type(...args) {
      const [stdout, stderr] = [memoryStream(options.tty ?? false), memoryStream(options.tty ?? false)]
      const code = await runCli(args, { ...environment, stdout, stderr })
      return { code, stdout: stdout.text(), stderr: stderr.text(), bytes: stdout.bytes() }
    },
  }
}

function inputStream({ input = '', tty = false }: TerminalOptions): InputStream {
  const stream = Readable.from(typeof input === 'string' ? [Buffer.from(input)] : input)
  return tty ? Object.assign(stream, { isTTY: true, setRawMode: () => {} }) : stream
}

function memoryStream(isTTY: boolean): OutputStream & { text(): string; bytes(): Uint8Array } {
  const chunks: Uint8Array[] = []
  return {
    isTTY,
    columns: 100,
    write(chunk, done) {
      chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk.slice())
      setImmediate(() => done?.())
      return true
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
    bytes: () => Buffer.concat(chunks),
  }
}
