// A command line with streams that remember, around services in memory.
import { Readable } from 'node:stream'
import type { CliEnvironment, OutputStream } from '../../src/cli/cli-environment.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import { createFakeServices, fakeContext, type FakeServices } from '../../src/services/fake.ts'
import { ServiceError } from '../../src/services/types.ts'

export interface Terminal {
  services: FakeServices
  /** Runs a command to its end. */
  type(...args: string[]): Promise<{ code: number; stdout: string; stderr: string; bytes: Uint8Array }>
  interrupt(): void
  contexts: ReturnType<typeof fakeContext>[]
}

export interface TerminalOptions {
  dataFolder: string
  services?: FakeServices
  tty?: boolean
  env?: Record<string, string>
  /** What standard input holds. */
  input?: string
  cwd?: string
  /** Shared by the terminals of one data folder, as the folder's lock is. */
  lock?: { held: boolean }
}

export const TOKEN = 't'.repeat(43)

export function openTerminal(options: TerminalOptions): Terminal {
  const services = options.services ?? createFakeServices()
  const contexts: Terminal['contexts'] = []
  const lock = options.lock ?? { held: false }
  const interrupted = new AbortController()
  const environment: Omit<CliEnvironment, 'stdout' | 'stderr'> = {
    env: { GLOVEBOX_DATA: options.dataFolder, ...options.env },
    cwd: options.cwd ?? options.dataFolder,
    version: '1.2.3',
    stdin: () => Readable.from([Buffer.from(options.input ?? '')]),
    person: { id: 'user:alice' },
    async openContext({ dataFolder }) {
      if (lock.held) throw new ServiceError('busy', 'Another process holds the data folder')
      lock.held = true
      const context = fakeContext(services, dataFolder)
      contexts.push(context)
      return {
        ...context,
        async [Symbol.asyncDispose]() {
          lock.held = false
          context.disposed = true
        },
      }
    },
    apiToken: async (folder) => ({ token: TOKEN, file: `${folder}/api-token` }),
    interrupted: interrupted.signal,
  }
  return {
    services,
    contexts,
    interrupt: () => interrupted.abort(),
    async type(...args) {
      const [stdout, stderr] = [memoryStream(options.tty ?? false), memoryStream(options.tty ?? false)]
      const code = await runCli(args, { ...environment, stdout, stderr })
      return { code, stdout: stdout.text(), stderr: stderr.text(), bytes: stdout.bytes() }
    },
  }
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
