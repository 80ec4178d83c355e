// glovebox serve
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../../../contract/problem.ts'
import { API_ROOT } from '../../../contract/endpoint.ts'
import { createApp } from '../../../server/app.ts'
import { authenticateToken, hostsOf } from '../../../server/authenticate.ts'
import { listenOnPort } from '../../../server/listen.ts'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { earlierFolderNote, meetMissingFolder } from '../../session/data-folder.ts'
import { openLocalServer } from '../../session/local-server.ts'
import { spellCommands } from '../../session/suggest-command.ts'
import { type CommonOptions, debug, openOutput } from '../../session/session.ts'

const DEFAULT_PORT = 7373
const GRACE_MS = 2_000

interface Options extends CommonOptions {
  port: number
  host: string
}

export function registerServe(registry: Registry, command: Command): void {
  addAction<[], Options>(registry, command, (_, options) => serve(registry.environment, options))
    .option('--port <n>', 'TCP port; 0: any free port', parsePort, DEFAULT_PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
}

async function serve(environment: CliEnvironment, options: Options): Promise<number> {
  const { person, version, interrupted } = environment
  const output = openOutput(environment, options)
  for (const line of earlierFolderNote(output.folder, environment.cwd))
    output.note(printable(spellCommands(line, environment.env)))
  meetMissingFolder(output.folder, { makes: true, note: output.note })
  const context = await environment.openContext({ dataFolder: output.folder.path, work: true })
  const onFailure = (error: unknown) => debug(environment, error)
  await using _ = await openLocalServer({
    context,
    version,
    listen: true,
    actor: person,
    onFailure,
    onWait: () => {},
    signal: interrupted,
  })
  const { token, file } = await environment.apiToken(output.folder.path)
  let hosts: readonly string[] = []
  const authenticate = authenticateToken({ token, actor: person, hosts: () => hosts })
  const tcp = await listenOnPort(
    createApp({ services: context.services, authenticate, version, onFailure }),
    options.host,
    options.port,
  )
  try {
    hosts = hostsOf(options.host, tcp.port)
    const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${tcp.port}${API_ROOT}`
    await output.print(
      { url, tokenFile: file, pid: process.pid },
      () => `Listening on ${url}\nIts access token is in ${file}\n`,
    )
    await aborted(interrupted)
  } finally {
    await tcp.close(GRACE_MS)
  }
  return EXIT.done
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.')
  return Number(text)
}
