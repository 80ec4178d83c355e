// From a data folder to a client: the server that answers on its socket, or one of our own in this process.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchPath } from '../../config/env.ts'
import { type Client, createClient } from '../../contract/client.ts'
import { examineDataFolder } from '../../data-folder/open-data-folder.ts'
import type { Actor } from '../../domain/actor.ts'
import { openSocketPath } from '../../server/socket-path.ts'
import { type Context, ServiceError } from '../../services/types.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { openLocalServer, SOCKET_NAME } from './local-server.ts'
import { inProcessTransport, socketTransport } from './transports.ts'

/** Short commands hold the folder for moments and do not listen; whoever holds it for longer listens on the socket. */
const PATIENCE_MS = 10_000
const RETRY_MS = 100

export interface Connection extends AsyncDisposable {
  readonly client: Client
  readonly place: 'this process' | 'a running server'
}

export interface ConnectOptions {
  dataFolder: string
  actor: Actor
  environment: CliEnvironment
  /** Whether a context of this process executes runs, and listens on the socket meanwhile. */
  listen: boolean
  note: (line: string) => void
  onFailure: (error: unknown) => void
}

export async function connect(options: ConnectOptions): Promise<Connection> {
  const state = await examineDataFolder(options.dataFolder, { searchPath: searchPath(options.environment.env) })
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const connection =
      (state === 'ours' ? await connectToServer(options) : null) ??
      (await openHere(options, performance.now() >= deadline))
    if (connection !== null) return connection
    await sleep(RETRY_MS, undefined, { signal: options.environment.interrupted })
  }
}

async function connectToServer({ dataFolder, actor }: ConnectOptions): Promise<Connection | null> {
  const short = await openSocketPath(join(dataFolder, SOCKET_NAME)).catch(() => null)
  if (short === null) return null
  const transport = socketTransport(short.path, actor)
  async function close(): Promise<void> {
    await transport.close()
    await short?.close()
  }
  if (!(await transport.answers())) {
    await close()
    return null
  }
  return { client: createClient(transport.send), place: 'a running server', [Symbol.asyncDispose]: close }
}

/** null when another process holds the folder and there is still time to try again. */
async function openHere(options: ConnectOptions, last: boolean): Promise<Connection | null> {
  const { actor, environment, listen, note, onFailure } = options
  const { version, interrupted } = environment
  const context = await open(options, last)
  if (context === null) return null
  const server = await openLocalServer({
    context,
    version,
    listen,
    onFailure,
    actor: environment.person,
    onWait: (count) =>
      note(
        `Waiting for ${count === 1 ? 'another run' : `${count} other runs`} that executes in this process; Ctrl-C cancels it`,
      ),
    signal: interrupted,
  })
  return {
    client: createClient(inProcessTransport(server.app, actor)),
    place: 'this process',
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function open({ dataFolder, environment, listen }: ConnectOptions, last: boolean): Promise<Context | null> {
  try {
    return await environment.openContext({ dataFolder, work: listen })
  } catch (error) {
    if (!last && error instanceof ServiceError && error.code === 'busy') return null
    throw error
  }
}
