// Starts listeners: on the unix socket in the data folder, and on 127.0.0.1 for `serve`.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chmod, rm } from 'node:fs/promises'
import { once } from 'node:events'
import type { Hono } from 'hono'
import { boundConnections } from './bound-connections.ts'
import { type Answered, nodeListener } from './node-listener.ts'
import { openSocketPath } from '../sockets/short-path.ts'

export interface Listening {
  /** 0 on a unix socket. */
  readonly port: number
  /** Refuses new connections, gives running answers graceMs to end, then closes all connections. */
  close(graceMs: number): Promise<void>
}

const BOUNDS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
}

/**
 * The caller holds the lock of the data folder, so an existing socket file belongs to a dead process and is replaced.
 */
export async function listenOnSocket(app: Hono, path: string): Promise<Listening> {
  await rm(path, { force: true })
  const short = await openSocketPath(path)
  const server = createServer(
    BOUNDS,
    nodeListener((request) => app.fetch(request)),
  )
  await started(server, () => server.listen(short.path))
  await chmod(path, 0o600)
  return {
    port: 0,
    async close(graceMs) {
      await stop(server, graceMs)
      await short.close()
      await rm(path, { force: true })
    },
  }
}

export async function listenOnPort(
  app: Hono,
  host: string,
  port: number,
  onAnswered?: (answered: Answered) => void,
): Promise<Listening> {
  const server = createServer(
    BOUNDS,
    nodeListener((request) => app.fetch(request), onAnswered),
  )
  boundConnections(server)
  await started(server, () => server.listen(port, host))
  return { port: (server.address() as AddressInfo).port, close: (graceMs) => stop(server, graceMs) }
}

async function started(server: Server, listen: () => void): Promise<void> {
  const listening = once(server, 'listening') // rejects on `error`
  server.on('error', () => undefined) // an error of accept(2), such as too many open files, costs one connection
  listen()
  await listening
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(timer)
}
