// The command line of a person who looks at an attempt's results: on a terminal, in this process.
import { Readable } from 'node:stream'
import type { CliEnvironment, OutputStream } from '../../src/cli/cli-environment.ts'
import { runCli } from '../../src/cli/run-cli.ts'
import type { Context } from '../../src/services/types.ts'

export async function typeCommand(
  context: Context,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [terminal(), terminal()]
  const environment: CliEnvironment = {
    stdin: () => Readable.from([]),
    stdout,
    stderr,
    startsPager: false,
    env: { GLOVEBOX_DATA: context.dataFolder, NO_COLOR: '1' },
    cwd: context.dataFolder,
    version: '0',
    person: { id: 'user:reviewer' },
    // The running context, which stays open.
    openContext: async () => ({ ...context, [Symbol.asyncDispose]: async () => {} }),
    apiToken: async () => ({ token: '', file: '' }),
    recentNames: async () => [],
    interruptedAgain: new AbortController().signal,
    interrupted: new AbortController().signal,
  }
  const code = await runCli(args, environment)
  return { code, stdout: stdout.text(), stderr: stderr.text() }
}

function terminal(): OutputStream & { text(): string } {
  const chunks: Uint8Array[] = []
  return {
    isTTY: true,
    columns: 100,
    write(chunk, done) {
      chunks.push(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk.slice())
      setImmediate(() => done?.())
      return true
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
