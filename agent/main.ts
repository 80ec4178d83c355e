// The built-in agent: it speaks the Agent Client Protocol on standard input and output, inside the sandbox.
import { Console } from 'node:console'
import { Readable, Writable } from 'node:stream'
import { ndJsonStream } from '@agentclientprotocol/sdk'
import { createAgent } from './create-agent.ts'
import { readSettings, SettingsError } from './settings.ts'
import type { Settings } from './settings.ts'
import { endAllGroups } from './tools/process-groups.ts'

function start(settings: Settings): void {
  const { app, cancelAll } = createAgent(settings)
  const output = Writable.toWeb(process.stdout) as WritableStream<Uint8Array>
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>
  const connection = app.connect(ndJsonStream(output, input))

  async function end(): Promise<void> {
    cancelAll()
    await endAllGroups()
    process.stdin.destroy()
  }
  void connection.closed.then(end)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => connection.close())
}

// Ignore a client that closed our output.
process.stdout.on('error', () => undefined)
// Only protocol messages may go to standard output, so whatever a library prints goes to standard error.
globalThis.console = new Console(process.stderr, process.stderr)
globalThis.AI_SDK_LOG_WARNINGS = false
process.on('unhandledRejection', (reason) => console.error('agent:', reason instanceof Error ? reason.message : reason))

try {
  start(readSettings(process.env))
} catch (error) {
  if (!(error instanceof SettingsError)) throw error
  console.error(`agent: ${error.message}`)
  process.exitCode = 2
}
