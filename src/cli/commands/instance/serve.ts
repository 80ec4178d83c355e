// glovebox serve
import { type Command, InvalidArgumentError } from 'commander'
import ipaddr from 'ipaddr.js'
import { EXIT } from '../../../contract/problem.ts'
import { API_ROOT } from '../../../contract/endpoint.ts'
import { accessLog } from '../../../server/access-log.ts'
import { createApp } from '../../../server/app.ts'
import { authenticateToken, hostsOf } from '../../../server/authenticate.ts'
import { listenOnPort } from '../../../server/listen.ts'
import { printable } from '../../../domain/byte-text.ts'
import { addAction, type Registry } from '../../add-command.ts'
import type { CliEnvironment } from '../../cli-environment.ts'
import { UsageError } from '../../cli-error.ts'
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
    .option('--host <address>', 'address to listen on; one that others can reach gets a warning', '127.0.0.1')
    .addHelpText(
      'after',
      '\nThe port speaks HTTP without TLS. To let others reach it, put a reverse proxy with TLS on this machine in front, or\nuse `ssh -L`. Each request to the port becomes one line on standard error, when its answer has ended: time, address,\nwho (`-`: not authenticated), method, path without its query, status and duration.\n',
    )
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
    onFailure,
    onWait: () => {},
    interrupted,
    interruptedAgain: null,
  })
  const { token, file } = await environment.apiToken(output.folder.path)
  let hosts: readonly string[] = []
  const log = accessLog(authenticateToken({ token, actor: person, hosts: () => hosts }), output.note)
  const tcp = await listenOnPort(
    createApp({ services: context.services, authenticate: log.authenticate, version, onFailure }),
    options.host,
    options.port,
    log.onAnswered,
  ).catch((error: unknown) => {
    throw placeProblem(error, options)
  })
  try {
    hosts = hostsOf(options.host, tcp.port)
    for (const line of warning(options.host, tcp.port)) output.note(printable(line))
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

/** Lines about the risk of an address that others can reach; none for a loopback address. */
function warning(host: string, port: number): readonly string[] {
  if (isLoopback(host)) return []
  return [
    `Warning: others can reach ${host}, and this server speaks HTTP without TLS. Whoever can read the traffic reads the`,
    `access token, and may then do what you may. Serve on 127.0.0.1 instead, and reach it with`,
    `\`ssh -L ${port}:127.0.0.1:${port} THIS-MACHINE\` or through a reverse proxy with TLS on this machine.`,
  ]
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return bare.toLowerCase() === 'localhost' || (ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback')
}

/** Explains why the port can't be opened there. */
function placeProblem(error: unknown, { host, port }: Options): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'EADDRINUSE':
      return new UsageError(
        `port ${port} of ${host} is in use by another program`,
        'choose another with --port; 0 takes any free one',
      )
    case 'EACCES':
      return new UsageError(`this account may not open port ${port}`, 'choose a port above 1023 with --port')
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UsageError(`--host can't be \`${host}\`: this machine has no such address`, 'the default is 127.0.0.1')
    default:
      return error
  }
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
