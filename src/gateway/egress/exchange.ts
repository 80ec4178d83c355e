// One HTTP request and its answer over a dialled connection.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { GatewayError } from '../gateway-error.ts'
import { endToEndHeaders, headerPairs } from './headers.ts'

export interface UpstreamRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: Uint8Array | Readable
  signal: AbortSignal
  idleMs: number
}

export interface UpstreamResponse {
  status: number
  /** Headers for the sandbox. */
  headers: Record<string, string>
  /** All received headers, also those that end here. Names in lower case. */
  received: readonly (readonly [name: string, value: string])[]
  body: AsyncIterable<Uint8Array>
}

const MAX_HEADER_BYTES = 64 * 1024

// Cookies never go out, so none need to come in. Alt-Svc would point clients past the proxy.
const NOT_FOR_THE_SANDBOX = ['set-cookie', 'set-cookie2', 'alt-svc', 'clear-site-data']

export async function exchange(socket: Socket, request: UpstreamRequest): Promise<UpstreamResponse> {
  const response = await send(socket, request)
  // wholeBody() throws body errors to its reader. Before that, they must not end the process.
  response.on('error', () => {})
  const status = response.statusCode ?? 0
  if (status < 200 || status > 599) {
    socket.destroy()
    throw new GatewayError('bad-upstream', `The server answered with status ${status}.`)
  }
  const received = headerPairs(response.rawHeaders)
  return { status, headers: responseHeaders(received), received, body: wholeBody(response, socket) }
}

function send(socket: Socket, request: UpstreamRequest): Promise<IncomingMessage> {
  const { method, path, headers, signal } = request
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.destroy()
      reject(
        error instanceof GatewayError
          ? error
          : new GatewayError('bad-upstream', 'The server did not answer properly.', { cause: error }),
      )
    }
    // No `agent`, not even `false`: with it, Node would open its own connection and ignore ours.
    const outgoing = httpRequest({
      method,
      path,
      headers,
      signal,
      setHost: false,
      createConnection: () => socket,
      insecureHTTPParser: false,
      maxHeaderSize: MAX_HEADER_BYTES,
    })
    outgoing.setTimeout(request.idleMs, () => failed(new GatewayError('timeout', 'The server did not answer in time.')))
    outgoing.once('response', resolve)
    outgoing.once('upgrade', () => failed(new GatewayError('bad-upstream', 'The server tried to switch protocols.')))
    outgoing.on('error', failed)
    if (request.body instanceof Uint8Array) outgoing.end(request.body)
    else pipeline(request.body, outgoing).catch(failed)
  })
}

function responseHeaders(received: UpstreamResponse['received']): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of received) {
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  for (const name of NOT_FOR_THE_SANDBOX) headers.delete(name)
  return Object.fromEntries(endToEndHeaders(headers))
}

/** Yields the body. Throws when it breaks off, so that half an answer never counts as a whole one. */
async function* wholeBody(response: IncomingMessage, socket: Socket): AsyncGenerator<Uint8Array> {
  try {
    yield* response as AsyncIterable<Uint8Array>
    if (!response.complete) throw new GatewayError('bad-upstream', 'The answer broke off.')
  } catch (error) {
    throw error instanceof GatewayError
      ? error
      : new GatewayError('bad-upstream', 'The answer broke off.', { cause: error })
  } finally {
    socket.destroy()
  }
}
