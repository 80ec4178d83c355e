// The gateway of one run: a proxy on a unix socket, with its services behind it.
import { chmod } from 'node:fs/promises'
import { machineCertificates, trustContext } from '../outgoing/certificates.ts'
import { DIRECT, type Outgoing } from '../outgoing/settings.ts'
import { connectAddress, type Connect } from './egress/dial.ts'
import { createEgressService } from './egress/egress-service.ts'
import { createProxy } from './egress/proxy.ts'
import { isLocal, type LocalServer } from './egress/strict-request.ts'
import { systemResolver, type Resolver } from './egress/resolve-host.ts'
import type { RunCa } from './egress/run-ca.ts'
import { GatewayError } from './gateway-error.ts'
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts'
import { GATEWAY_PORT, type GatewayContext, type GatewayService } from './types.ts'

export interface GatewayOptions {
  /** Socket that is created here and removed by close(). Only this run's sandbox may have access to its folder. */
  socketPath: string
  context: GatewayContext
  services: readonly GatewayService[]
  ca: RunCa
  signal: AbortSignal
  limits?: Partial<GatewayLimits>
  /** Port on the sandbox's loopback that leads to the socket. */
  port?: number
  /** Proxies of this machine and additional trusted certificates; default: none. */
  outgoing?: Outgoing
  /** Access to the open network; default: this machine's resolver, sockets and trusted certificates. */
  egress?: { resolve?: Resolver; connect?: Connect; certificates?: readonly string[] }
}

/** Resolves when the socket listens. An aborted signal closes the gateway. */
export async function openGateway(options: GatewayOptions): Promise<{ close(): Promise<void> }> {
  const { context, services, ca, socketPath } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const reachable = reachableOrigins(services, context)
  const ended = new AbortController()
  const outgoing = options.outgoing ?? DIRECT
  const egress = createEgressService({
    context,
    limits,
    reachable,
    resolve: options.egress?.resolve ?? systemResolver,
    connect: options.egress?.connect ?? connectAddress,
    outgoing,
    trust: once(() =>
      trustContext(options.egress?.certificates ?? [...machineCertificates(), ...outgoing.certificates]),
    ),
  })
  const local = localServer(services, options.port ?? GATEWAY_PORT)
  const route = createRoute(services, egress, local)
  const { server, idle } = createProxy({ context, ca, limits, route, local, reachable, signal: ended.signal })
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function close(): Promise<void> {
    options.signal.removeEventListener('abort', onAbort)
    ended.abort()
    if (server.listening) server.close()
    for (const socket of sockets) socket.destroy()
    await idle()
    await Promise.all(services.map((service) => service.idle?.()))
  }
  // The code that opened the gateway closes it, too, and gets the error.
  const onAbort = (): void => void close().catch(() => undefined)

  options.signal.throwIfAborted()
  // The listener stays: an error of accept(2), such as too many open files, costs one connection.
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(socketPath, resolve))
  // The sandbox's processes run as another user. The folder around the socket keeps all others out.
  await chmod(socketPath, 0o666)
  options.signal.addEventListener('abort', onAbort, { once: true })
  return { close }
}

function localServer(services: readonly GatewayService[], port: number): LocalServer | null {
  const paths = services.flatMap(({ localPath }) => localPath ?? [])
  if (paths.length === 0) return null
  const authorities = [
    { host: '127.0.0.1', port, kind: 'ipv4' as const },
    { host: 'localhost', port, kind: 'name' as const },
  ]
  return { authorities, paths }
}

function createRoute(
  services: readonly GatewayService[],
  egress: GatewayService,
  local: LocalServer | null,
): (url: URL) => GatewayService {
  const byOrigin = new Map<string, GatewayService>()
  for (const service of services) {
    for (const origin of service.origins) {
      const canonical = new URL(origin).origin
      if (byOrigin.has(canonical)) throw new GatewayError('bad-configuration', `Two services answer for ${canonical}.`)
      byOrigin.set(canonical, service)
    }
  }
  const secured = new Set(
    [...byOrigin.keys()].filter((origin) => origin.startsWith('https:')).map((origin) => new URL(origin).hostname),
  )
  return (url) => {
    const service = byOrigin.get(url.origin)
    if (service !== undefined && (service.owns?.(url) ?? true)) return service
    if (local !== null && isLocal(url, local)) {
      const own = services.find(({ localPath }) => localPath !== undefined && url.pathname.startsWith(localPath))
      if (own !== undefined) return own
    }
    if (url.protocol === 'http:' && secured.has(url.hostname)) {
      throw new GatewayError('misdirected', `${url.hostname} is served over https only.`)
    }
    return egress
  }
}

function reachableOrigins(services: readonly GatewayService[], context: GatewayContext): string[] {
  const named = context.run.reach.length === 0 ? 'none' : context.run.reach.join(', ')
  return [
    ...services.flatMap((service) => service.origins.map((origin) => `${origin} (${service.name})`)),
    `named sets of this task: ${named}`,
  ]
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}
