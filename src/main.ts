// argv and signals, nothing else.
import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { runCli } from './cli/run-cli.ts'
import { processEnvironment } from './config/env.ts'
import { readApiToken } from './config/secrets.ts'
import { actingPerson } from './config/who.ts'

const interrupted = new AbortController()
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** The second signal finds no handler and ends the process at once; sandboxes die with it. */
function interrupt(): void {
  for (const signal of SIGNALS) process.off(signal, interrupt)
  interrupted.abort()
}
for (const signal of SIGNALS) process.on(signal, interrupt)

// A reader that has enough closes the pipe; whoever writes next is told by the write itself.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: processEnvironment(),
  cwd: process.cwd(),
  version: packageJson.version,
  person: actingPerson(),
  // Loaded when it is needed, so that help and usage errors are instant.
  openContext: async (options) => (await import('./context.ts')).openContext(options),
  apiToken: async (dataFolder) => ({ token: await readApiToken(dataFolder), file: join(dataFolder, 'api-token') }),
  recentNames: async (dataFolder, table) => (await import('./store/recent-names.ts')).recentNames(dataFolder, table),
  interrupted: interrupted.signal,
})
