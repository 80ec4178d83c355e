import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Guest } from '../types.ts'
import { decodeMessage } from './decode-message.ts'
import { FrameSplitter } from './frame-splitter.ts'
import { GuestConnection } from './guest-connection.ts'
import { LinkError } from './link-error.ts'

export interface GuestListener {
  /** Waits for the guest to dial in and say hello. Call it once. */
  accept(timeoutMs: number, signal: AbortSignal): Promise<Guest>
  close(): void
}

/**
 * Listens on a unix socket for exactly one guest. The first connection is the guest's, because it dials before anything
 * else runs in the sandbox. The socket is then closed, so that a step can't connect to it.
 */
export async function listenForGuest(socketPath: string): Promise<GuestListener> {
  const server = createServer()
  const first = firstConnection(server)
  server.on('error', () => undefined) // an error of accept(2) costs one connection; if it was the guest's, it does not dial in
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    accept: (timeoutMs, signal) => accept(first, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])),
    close: () => server.close(),
  }
}

function firstConnection(server: Server): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  server.once('connection', (socket) => {
    // Connections that already wait in the backlog still arrive here.
    server.on('connection', (late) => late.destroy())
    server.close()
    // The reader of the socket reports its errors. Without this listener they would end the process.
    socket.on('error', () => {})
    resolve(socket)
  })
  server.once('close', () => reject(new LinkError('closed', 'the listener for the guest was closed')))
  promise.catch(() => {})
  return promise
}

async function accept(connection: Promise<Socket>, signal: AbortSignal): Promise<Guest> {
  const socket = await unlessAborted(connection, signal)
  const giveUp = () => socket.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    const chunks: AsyncIterator<Uint8Array> = socket[Symbol.asyncIterator]()
    const splitter = new FrameSplitter()
    const version = await readHello(splitter, chunks)
    return new GuestConnection(socket, version, splitter, chunks)
  } catch (error) {
    socket.destroy()
    throw signal.aborted ? notInTime(signal) : error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

async function readHello(splitter: FrameSplitter, chunks: AsyncIterator<Uint8Array>): Promise<string> {
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    const [frame, ...more] = splitter.push(next.value)
    if (frame === undefined) continue
    const message = decodeMessage(frame)
    // After its hello a guest only answers requests, so more bytes do not come from a guest.
    if (message.kind !== 'hello' || more.length > 0)
      throw new LinkError('protocol', 'the program that dialled in did not say hello')
    return message.version
  }
  throw new LinkError('lost', 'the guest hung up before it said hello')
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw notInTime(signal)
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(notInTime(signal))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function notInTime(signal: AbortSignal): LinkError {
  return new LinkError('timeout', 'the guest did not dial in', { cause: signal.reason })
}
