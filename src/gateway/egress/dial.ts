import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext } from 'node:tls'
import { GatewayError } from '../gateway-error.ts'
import { bareHost, type Authority } from './authority.ts'

/** Opens TCP to a checked address. */
export type Connect = (address: string, port: number, timeoutMs: number) => Promise<Socket>

export function connectAddress(address: string, port: number, timeoutMs: number): Promise<Socket> {
  return settled(connectTcp({ host: address, port, noDelay: true }), 'connect', timeoutMs)
}

/** Connects to the first address that answers. */
export async function dial(
  addresses: readonly string[],
  authority: Authority,
  connect: Connect,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const failures: unknown[] = []
  for (const address of addresses) {
    // The owner of a name may give it many addresses that never answer. The end of the run must not wait for all of
    // them.
    if (signal.aborted) break
    try {
      return await connect(address, authority.port, timeoutMs)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new GatewayError('unreachable', `${authority.host} can't be reached on port ${authority.port}.`, {
    cause: failures,
  })
}

/** Starts TLS on a dialled socket. Verifies the requested name, never the address that it resolved to. */
export async function secure(
  socket: Socket,
  authority: Authority,
  secureContext: SecureContext,
  timeoutMs: number,
): Promise<Socket> {
  const named = authority.kind === 'name' ? { servername: authority.host } : { host: bareHost(authority.host) }
  try {
    const tls = connectTls({ socket, ...named, secureContext, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] })
    return await settled(tls, 'secureConnect', timeoutMs)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw new GatewayError('unreachable', `TLS with ${authority.host} failed: ${why}.`, { cause: error })
  }
}

function settled<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', timeoutMs: number): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => failed(new Error('timed out')), timeoutMs)
    const failed = (error: Error): void => {
      clearTimeout(timer)
      socket.destroy()
      reject(error)
    }
    const closed = (): void => failed(new Error('closed'))
    // This listener stays: later users of the socket learn of errors by its close.
    socket.on('error', failed)
    socket.on('close', closed)
    socket.once(event, () => {
      clearTimeout(timer)
      socket.off('close', closed)
      resolve(socket)
    })
  })
}
