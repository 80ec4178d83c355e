// Connects a command to a data folder: to the server that listens on its socket, or to a new server in this process.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { searchPath } from '../../config/env.ts'
import {
  type Client,
  createClient,
  type Transport,
  type WireRequest,
  type WireResponse,
} from '../../contract/client.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import type { DataFolderState } from '../../data-folder/open-data-folder.ts'
import { examineDataFolder } from '../../data-folder/open-data-folder.ts'
import { explainFullDisk } from '../../disk/full-disk.ts'
import { Actor, actorKind } from '../../domain/actor.ts'
import { openSocketPath, SOCKET_NAME } from '../../sockets/short-path.ts'
import { type Context, ServiceError } from '../../services/types.ts'
import type { CliEnvironment } from '../cli-environment.ts'
import { UsageError } from '../cli-error.ts'

/**
 * How long to wait for one holder of the folder. A short command holds the folder for a moment and does not listen; a
 * longer one listens on the socket. The time starts again for each holder, so that every waiting command gets its turn.
 */
const PATIENCE_MS = 30_000
/** How long to wait in total. */
const MAX_PATIENCE_MS = 300_000
/** The pause between tries grows, so that waiting commands leave the processor to the working one. */
const RETRY_MS = { first: 50, most: 1_000 }

/** Most ids in the note about runs of other terminals. */
const MAX_SHOWN = 4

export interface Connection extends AsyncDisposable {
  readonly client: Client
  readonly place: Place
}

type Place = 'this process' | 'a running server'

/** A way to send requests. It rejects with ProblemError if no answer began. */
interface Line extends AsyncDisposable {
  readonly send: Transport
  readonly place: Place
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

/**
 * The process that holds the folder may end just after this one has found it. A request that may be sent twice is then
 * sent once more, to the next holder, which may be this process.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  let line = await findLine(options)
  let moved = false
  async function send(request: WireRequest): Promise<WireResponse> {
    try {
      return await line.send(request)
    } catch (error) {
      if (moved || line.place === 'this process' || !maySendTwice(request) || !(error instanceof ProblemError))
        throw error
      moved = true
      await line[Symbol.asyncDispose]()
      line = await findLine(options)
      return await line.send(request)
    }
  }
  return {
    client: createClient(send),
    get place() {
      return line.place
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  }
}

/** Reads, and a start of a run that carries its key: the server answers the second one with the first one's run. */
function maySendTwice({ method, body }: WireRequest): boolean {
  return method === 'GET' || (typeof body === 'string' && /"idempotencyKey":"/.test(body))
}

async function findLine(options: ConnectOptions): Promise<Line> {
  const start = performance.now()
  let waiting = { holder: '', since: start }
  let pause = RETRY_MS.first
  let ours = false
  for (;;) {
    ours ||= (await examine(options)) === 'ours'
    const found = (ours ? await connectToServer(options) : null) ?? (await openHere(options))
    if (!(found instanceof ServiceError)) return found
    const now = performance.now()
    // The message names the holder, so a different text means a different holder.
    if (found.message !== waiting.holder) waiting = { holder: found.message, since: now }
    if (now - waiting.since >= PATIENCE_MS || now - start >= MAX_PATIENCE_MS) throw found
    // A random pause, so that waiting commands do not all try at the same time.
    pause = Math.min(pause * 1.5, RETRY_MS.most)
    await sleep(pause * (0.5 + Math.random()), undefined, { signal: options.environment.interrupted })
  }
}

function examine({ dataFolder, environment }: ConnectOptions): Promise<DataFolderState> {
  return examineDataFolder(dataFolder, { searchPath: searchPath(environment.env) })
}

async function connectToServer({ dataFolder, actor }: ConnectOptions): Promise<Line | null> {
  const socket = join(dataFolder, SOCKET_NAME)
  if (!existsSync(socket)) return null
  const short = await openSocketPath(socket).catch(() => null)
  if (short === null) return null
  const { socketTransport } = await import('./socket-transport.ts')
  const transport = socketTransport(short.path, actor)
  async function close(): Promise<void> {
    transport.close()
    await short?.close()
  }
  if (!(await transport.answers())) {
    await close()
    return null
  }
  return { send: transport.send, place: 'a running server', [Symbol.asyncDispose]: close }
}

/** Resolves with the error `busy` if another process holds the folder. */
async function openHere(options: ConnectOptions): Promise<Line | ServiceError> {
  const { actor, environment, listen, note, onFailure } = options
  const { version, interrupted, interruptedAgain } = environment
  const context = await open(options)
  if (context instanceof ServiceError) return context
  const { openLocalServer } = await import('./local-server.ts')
  const server = await openLocalServer({
    context,
    version,
    listen,
    onFailure,
    onWait: (runs, again) => note(waitingFor(runs, again)),
    interrupted,
    interruptedAgain,
  })
  return {
    send: server.transportOf(actor),
    place: 'this process',
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function waitingFor(runs: readonly string[], again: boolean): string {
  const one = runs.length === 1
  const ids = runs.length > MAX_SHOWN ? [...runs.slice(0, MAX_SHOWN), '…'] : runs
  const what = one ? '1 run of another terminal' : `${runs.length} runs of other terminals`
  return `Waiting for ${what} (${ids.join(', ')}). Press Ctrl-C${again ? ' again' : ''} to interrupt ${one ? 'it' : 'them'}.`
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
