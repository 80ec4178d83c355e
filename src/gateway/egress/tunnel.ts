// The inside of a CONNECT tunnel: only TLS, with a certificate of the run's CA.
import { once } from 'node:events'
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { GatewayError } from '../gateway-error.ts'
import type { Authority } from './authority.ts'
import type { RunCa } from './run-ca.ts'

const RECORD_HEADER = 6

/**
 * Rejects when the first bytes are not a ClientHello, when the handshake fails or takes longer than `timeoutMs`, or on
 * `ended`.
 */
export async function acceptTls(
  socket: Socket,
  authority: Authority,
  ca: RunCa,
  timeoutMs: number,
  ended: AbortSignal,
): Promise<TLSSocket> {
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ended])
  const first = await firstBytes(socket, signal)
  if (!isClientHello(first)) {
    throw new GatewayError('unsupported', 'After CONNECT only TLS is accepted; there are no opaque tunnels.')
  }
  socket.unshift(first)
  const { cert, key } = await ca.certificateFor(authority.host)
  const tls = new TLSSocket(socket, {
    isServer: true,
    // No session tickets: a resumed session would carry the server name of an earlier handshake.
    secureContext: createSecureContext({ cert, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET }),
    ALPNProtocols: ['http/1.1'],
  })
  return handshake(tls, signal)
}

/**
 * Whether the bytes start a TLS record of type handshake, version 3.x, with a ClientHello (RFC 8446, sections 4 and
 * 5.1).
 */
export function isClientHello(bytes: Uint8Array): boolean {
  return (
    bytes.length >= RECORD_HEADER &&
    bytes[0] === 0x16 &&
    bytes[1] === 0x03 &&
    (bytes[2] as number) <= 0x04 &&
    bytes[5] === 0x01
  )
}

async function firstBytes(socket: Socket, signal: AbortSignal): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  while (bytes.length < RECORD_HEADER && !isHopeless(bytes)) {
    const chunk = socket.read() as Buffer | null
    if (chunk !== null) {
      bytes = Buffer.concat([bytes, chunk])
      continue
    }
    if (socket.readableEnded || socket.destroyed) break
    await readableOrEnd(socket, signal)
  }
  return bytes
}

function isHopeless(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes[0] !== 0x16
}

async function readableOrEnd(socket: Socket, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  try {
    await Promise.race(['readable', 'end', 'close'].map((event) => once(socket, event, { signal: either })))
  } catch {
    throw new GatewayError('timeout', 'No TLS handshake came after CONNECT.')
  } finally {
    done.abort()
  }
}

function handshake(tls: TLSSocket, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const failed = (error?: Error): void => {
      settle()
      tls.destroy()
      reject(new GatewayError('bad-request', `The TLS handshake failed${error?.message ? `: ${error.message}` : ''}.`))
    }
    const closed = (): void => failed()
    const timedOut = (): void => failed(new Error('it took too long'))
    const settle = (): void => {
      for (const event of ['_tlsError', 'error'] as const) tls.off(event, failed)
      tls.off('close', closed)
      signal.removeEventListener('abort', timedOut)
      tls.on('error', () => {})
    }
    tls.once('secure', () => {
      settle()
      resolve(tls)
    })
    tls.on('_tlsError', failed)
    tls.on('error', failed)
    tls.on('close', closed)
    signal.addEventListener('abort', timedOut, { once: true })
  })
}
