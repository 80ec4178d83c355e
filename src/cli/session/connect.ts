// Connects a command to a data folder: to the server that listens on its socket, or to a new server in this process.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchPath } from '../../config/env.ts'
import { type Client, createClient } from '../../contract/client.ts'
import type { DataFolderState } from '../../data-folder/open-data-folder.ts'
import { examineDataFolder } from '../../data-folder/open-data-folder.ts'
import { explainFullDisk } from '../../disk/full-disk.ts'
import { Actor, actorKind } from '../../domain/actor.ts'
import { openSocketPath } from '../../sockets/short-path.ts'
import { type Context, ServiceError } from '../../services/types.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { UsageError } from '../cli-error.ts'
import { SOCKET_NAME, socketTransport } from './socket-transport.ts'

/**
 * How long to wait for one holder of the folder. A short command holds the folder for a moment and does not listen; a
 * longer one listens on the socket. The time starts again for each holder, so that every waiting command gets its turn.
 */
const PATIENCE_MS = 30_000
/** How long to wait in total. */
const MAX_PATIENCE_MS = 300_000
/** The pause between tries grows, so that waiting commands leave the processor to the working one. */
const RETRY_MS = { first: 50, most: 1_000 }

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

/** Reads `--as`. The server decides whether the person may act for that service. */
export function chooseActor(as: string | undefined, person: Actor): Actor {
  if (as === undefined) return person
  const actor = Actor.safeParse({ id: as, via: person.id })
  if (!actor.success || actorKind(actor.data) !== 'service')
    throw new UsageError(`--as needs service:NAME, not "${as}"`)
  return actor.data
}

export async function connect(options: ConnectOptions): Promise<Connection> {
  const start = performance.now()
  let waiting = { holder: '', since: start }
  let pause = RETRY_MS.first
  let ours = false
  for (;;) {
    ours ||= (await examine(options)) === 'ours'
    const connection = (ours ? await connectToServer(options) : null) ?? (await openHere(options))
    if (!(connection instanceof ServiceError)) return connection
    const now = performance.now()
    // The message names the holder, so a different text means a different holder.
    if (connection.message !== waiting.holder) waiting = { holder: connection.message, since: now }
    if (now - waiting.since >= PATIENCE_MS || now - start >= MAX_PATIENCE_MS) throw connection
    // A random pause, so that waiting commands do not all try at the same time.
    pause = Math.min(pause * 1.5, RETRY_MS.most)
    await sleep(pause * (0.5 + Math.random()), undefined, { signal: options.environment.interrupted })
  }
}

function examine({ dataFolder, environment }: ConnectOptions): Promise<DataFolderState> {
  return examineDataFolder(dataFolder, { searchPath: searchPath(environment.env) })
}

async function connectToServer({ dataFolder, actor }: ConnectOptions): Promise<Connection | null> {
  const short = await openSocketPath(join(dataFolder, SOCKET_NAME)).catch(() => null)
  if (short === null) return null
  const transport = socketTransport(short.path, actor)
  async function close(): Promise<void> {
    transport.close()
    await short?.close()
  }
  if (!(await transport.answers())) {
    await close()
    return null
  }
  return { client: createClient(transport.send), place: 'a running server', [Symbol.asyncDispose]: close }
}

/** Resolves with the error `busy` if another process holds the folder. */
async function openHere(options: ConnectOptions): Promise<Connection | ServiceError> {
  const { actor, environment, listen, note, onFailure } = options
  const { version, interrupted } = environment
  const context = await open(options)
  if (context instanceof ServiceError) return context
  const [{ openLocalServer }, { inProcessTransport }] = await Promise.all([
    import('./local-server.ts'),
    import('./in-process-transport.ts'),
  ])
  const server = await openLocalServer({
    context,
    version,
    listen,
    onFailure,
    actor: environment.person,
    onWait: (count) =>
      note(
        count === 1
          ? 'Waiting for another run that executes in this process; Ctrl-C cancels it'
          : `Waiting for ${count} other runs that execute in this process; Ctrl-C cancels them`,
      ),
    signal: interrupted,
  })
  return {
    client: createClient(inProcessTransport(server.app, actor)),
    place: 'this process',
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function open({ dataFolder, environment, listen }: ConnectOptions): Promise<Context | ServiceError> {
  try {
    return await environment.openContext({ dataFolder, work: listen })
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'busy') return error
    const full = explainFullDisk(error, [dataFolder])
    throw full === null ? error : new ServiceError('unavailable', full, { cause: error })
  }
}
