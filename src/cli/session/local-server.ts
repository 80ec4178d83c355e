// A server in this process. It answers calls of this process, and calls of other processes on the data folder's socket.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transport } from '../../contract/client.ts'
import type { Actor } from '../../domain/actor.ts'
import { inProcessTransport } from '../../server/answer-in-process.ts'
import { authenticateOwner } from '../../server/authenticate.ts'
import type { Listening } from '../../server/listen.ts'
import type { Context } from '../../services/types.ts'
import { SOCKET_NAME } from '../../sockets/short-path.ts'

const GRACE_MS = 2_000
const POLL_MS = 1_000

export interface LocalServer extends AsyncDisposable {
  /** The transport of one actor to this server. */
  transportOf(actor: Actor): Transport
  readonly context: Context
}

export interface LocalServerOptions {
  context: Context
  version: string
  /** Whether other processes can reach it. */
  listen: boolean
  onFailure: (error: unknown) => void
  /** Called if this process has finished its own work while it executes these runs of other processes. */
  onWait: (runs: readonly string[], again: boolean) => void
  /** If it aborts while the process waits for these runs, they are interrupted. */
  interrupted: AbortSignal
  /** The same for a process that was already interrupted when it began to wait. null: then it does not wait. */
  interruptedAgain: AbortSignal | null
}

export async function openLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { context, onFailure } = options
  const transportOf = (actor: Actor) => inProcessTransport({ services: context.services, onFailure }, actor)
  try {
    const socket = options.listen ? await listen(options) : null
    return { transportOf, context, [Symbol.asyncDispose]: () => close(options, socket) }
  } catch (error) {
    await context[Symbol.asyncDispose]()
    throw error
  }
}

/** Only a process that listens loads the HTTP server. */
async function listen({ context, version, onFailure }: LocalServerOptions): Promise<Listening> {
  const [{ createApp }, { listenOnSocket }] = await Promise.all([
    import('../../server/app.ts'),
    import('../../server/listen.ts'),
  ])
  const app = createApp({ services: context.services, authenticate: authenticateOwner, version, onFailure })
  return listenOnSocket(app, join(context.dataFolder, SOCKET_NAME))
}

/**
 * Another process may have started a run through the socket. The run executes here, so this process waits for it. The
 * second wait is for a run that was started while the socket was closing.
 */
async function close(options: LocalServerOptions, socket: Listening | null): Promise<void> {
  try {
    if (socket === null) return
    await waitForRuns(options)
    await socket.close(GRACE_MS)
    await waitForRuns(options)
  } finally {
    await options.context[Symbol.asyncDispose]()
  }
}

async function waitForRuns({ context, onWait, interrupted, interruptedAgain }: LocalServerOptions): Promise<void> {
  const again = interrupted.aborted
  const signal = again ? interruptedAgain : interrupted
  if (signal === null) return
  const left = async () => (signal.aborted ? [] : await context.unended())
  let told = ''
  for (let runs = await left(); runs.length > 0; runs = await left()) {
    if (told !== runs.join()) onWait(runs, again)
    told = runs.join()
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}
