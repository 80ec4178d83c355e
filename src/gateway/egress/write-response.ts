import { STATUS_CODES, type ServerResponse } from 'node:http'
import { Readable, type Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { GatewayResponse } from '../types.ts'
import { endToEndHeaders } from './headers.ts'

/**
 * Sends an answer that is already recorded. If its body breaks off, breaks the connection, so that the client can't
 * take it as complete.
 */
export async function writeResponse(
  res: ServerResponse,
  response: GatewayResponse,
  options: { head: boolean; close: boolean },
): Promise<void> {
  const headers = responseHeaders(response)
  const bodiless = options.head || response.status === 204 || response.status === 304
  if (response.body instanceof Uint8Array && !bodiless) headers.set('content-length', String(response.body.byteLength))
  if (bodiless && !options.head) headers.delete('content-length')
  if (options.close) headers.set('connection', 'close')
  res.writeHead(response.status, Object.fromEntries(headers))
  if (response.streamed && !bodiless) res.flushHeaders()
  if (!bodiless) return sendBody(res, response.body)
  if (response.body instanceof Readable) response.body.destroy()
  await ended(res, () => res.end())
}

/** The same for a connection that Node's parser has given up or handed over. */
export async function writeRaw(socket: Writable, response: GatewayResponse & { body: Uint8Array }): Promise<void> {
  const headers = responseHeaders(response)
    .set('content-length', String(response.body.byteLength))
    .set('connection', 'close')
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = `HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? 'Refused'}\r\n${lines}\r\n`
  await ended(socket, () => socket.end(Buffer.concat([Buffer.from(head), response.body])))
}

function responseHeaders(response: GatewayResponse): Map<string, string> {
  const entries = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return endToEndHeaders(new Map(entries))
}

async function sendBody(res: ServerResponse, body: Uint8Array | Readable): Promise<void> {
  if (body instanceof Readable) return pipeline(body, res)
  await ended(res, () => res.end(body))
}

/** Ends the stream. Also resolves if the other side has already closed. */
async function ended(stream: Writable, end: () => void): Promise<void> {
  if (stream.destroyed) return
  end()
  await finished(stream, { readable: false }).catch(() => {})
}
