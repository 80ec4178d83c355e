// argv and signals, nothing else.
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { reportUnhandled, runCli } from './cli/run-cli.ts'
import { processEnvironment } from './config/env.ts'
import { readApiToken } from './config/secrets.ts'
import { actingPerson } from './config/who.ts'

const interrupted = new AbortController()
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

const interruptedAgain = new AbortController()

/**
 * The first Ctrl-C ends the work of this terminal, the second one also the runs of other terminals that this process
 * executes. SIGTERM asks for both at once. The signal after that finds no handler and ends the process at once;
 * sandboxes die with it.
 */
function interrupt(signal: (typeof SIGNALS)[number]): void {
  const last = interrupted.signal.aborted || signal === 'SIGTERM'
  interrupted.abort()
  if (!last) return
  for (const handled of SIGNALS) process.off(handled, interrupt)
  interruptedAgain.abort()
}
for (const signal of SIGNALS) process.on(signal, interrupt)

/** Exit code of a failed platform; see EXIT in src/contract/problem.ts. */
const UNHANDLED = 4
const failed = new AbortController()

/**
 * For an error that no code awaited. Nobody knows to which run it belongs, and whether the limits of that run are still
 * watched and its record is still kept, so no run may go on. All of them end in order with this reason on their record
 * and without a sandbox left, instead of at once with the process.
 */
function endAllRuns(error: unknown): void {
  reportUnhandled(process.stderr, error)
  failed.abort(error)
  interrupted.abort()
  interruptedAgain.abort()
}
process.on('unhandledRejection', endAllRuns)
process.on('uncaughtException', endAllRuns)

// A reader that has enough closes the pipe; whoever writes next is told by the write itself.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const code = await runCli(process.argv.slice(2), {
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  startsPager: true,
  env: processEnvironment(),
  cwd: process.cwd(),
  version: packageJson.version,
  person: actingPerson(),
  // Loaded when it is needed, so that help and usage errors are instant.
  openContext: async (options) => (await import('./context.ts')).openContext({ ...options, signal: failed.signal }),
  apiToken: async (dataFolder) => ({ token: await readApiToken(dataFolder), file: join(dataFolder, 'api-token') }),
  recentNames: async (dataFolder, table) => (await import('./store/recent-names.ts')).recentNames(dataFolder, table),
  interrupted: interrupted.signal,
  interruptedAgain: interruptedAgain.signal,
})
process.exitCode = failed.signal.aborted ? UNHANDLED : code
