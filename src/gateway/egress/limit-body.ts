import type { IncomingMessage } from 'node:http'
import { Transform, type Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { GatewayError } from '../gateway-error.ts'

/**
 * The body of a request. Fails with `too-large` past `maxBytes`, but keeps the connection, so that the client can read
 * the refusal.
 */
export function limitBody(request: IncomingMessage, maxBytes: number): Readable {
  let bytes = 0
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) done(new GatewayError('too-large', `The body is longer than ${maxBytes} bytes.`))
      else done(null, chunk)
    },
  })
  request.on('error', (error) => limited.destroy(error))
  request.on('close', () => {
    if (!request.complete) limited.destroy(new GatewayError('bad-request', 'The request broke off.'))
  })
  limited.on('error', () => request.unpipe(limited))
  return request.pipe(limited)
}

/**
 * Reads and drops the rest of a request, up to a bound. Closing a connection with unread bytes resets it, and the
 * client would lose the answer.
 */
export async function drain(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<void> {
  const enough = new AbortController()
  let bytes = 0
  request.unpipe()
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength
    if (bytes > maxBytes) enough.abort()
  })
  // unpipe() left the request paused, and a listener alone does not resume it.
  request.resume()
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(timeoutMs)])
  await finished(request, { signal, writable: false }).catch(() => {})
}
