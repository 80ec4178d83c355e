// A server in this process. It answers calls of this process, and calls of other processes on the data folder's socket.
import { join } from 'node:path'
import { createApp } from '../../server/app.ts'
import { authenticateOwner } from '../../server/authenticate.ts'
import { type Listening, listenOnSocket } from '../../server/listen.ts'
import { createClient } from '../../contract/client.ts'
import { FINISHED } from '../../domain/run.ts'
import { RunStatus } from '../../domain/events/fields.ts'
import type { Actor } from '../../domain/actor.ts'
import type { Context } from '../../services/types.ts'
import type { Hono } from 'hono'
import { SOCKET_NAME } from './socket-transport.ts'
import { inProcessTransport } from './in-process-transport.ts'

const GRACE_MS = 2_000
const POLL_MS = 1_000
const ACTIVE = RunStatus.options.filter((status) => !FINISHED.includes(status))

export interface LocalServer extends AsyncDisposable {
  readonly app: Hono
  readonly context: Context
}

export interface LocalServerOptions {
  context: Context
  version: string
  /** Whether other processes can reach it. */
  listen: boolean
  actor: Actor
  onFailure: (error: unknown) => void
  /** Called once if this process has finished its own work while runs of other processes still execute in it. */
  onWait: (count: number) => void
  /** If it aborts, the process does not wait for these runs. */
  signal: AbortSignal
}

export async function openLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { context, version, onFailure } = options
  const app = createApp({ services: context.services, authenticate: authenticateOwner, version, onFailure })
  try {
    const socket = options.listen ? await listenOnSocket(app, join(context.dataFolder, SOCKET_NAME)) : null
    return { app, context, [Symbol.asyncDispose]: () => close(app, options, socket) }
  } catch (error) {
    await context[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Another process may have started a run through the socket. The run executes here, so this process waits for it. The
 * second wait is for a run that was started while the socket was closing.
 */
async function close(app: Hono, options: LocalServerOptions, socket: Listening | null): Promise<void> {
  try {
    if (socket === null) return
    await waitForRuns(app, options)
    await socket.close(GRACE_MS)
    await waitForRuns(app, options)
  } finally {
    await options.context[Symbol.asyncDispose]()
  }
}

async function waitForRuns(app: Hono, { actor, onWait, signal }: LocalServerOptions): Promise<void> {
  const client = createClient(inProcessTransport(app, actor))
  let told = false
  while (!signal.aborted) {
    const { runs: active } = await client.listRuns({ query: { status: ACTIVE, limit: 100 } })
    if (active.length === 0) return
    if (!told) onWait(active.length)
    told = true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
