// Route to a host of the open network: a checked address that the gateway dials, or the operator's proxy.
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { dialProxy, dialThrough } from '../../outgoing/dial-proxy.ts'
import { proxyAuthorization, proxyFor, type Outgoing } from '../../outgoing/settings.ts'
import { GatewayError } from '../gateway-error.ts'
import { authorityText, type Authority } from './authority.ts'
import { dial, secure, type Connect } from './dial.ts'
import { checkBeforeProxy, resolveHost, type Resolver } from './resolve-host.ts'

export interface RouteParts {
  resolve: Resolver
  connect: Connect
  outgoing: Outgoing
  /** Trusted certificates for servers outside. Built at the first use, because building takes a while. */
  trust: () => SecureContext
}

export interface Target {
  url: URL
  authority: Authority
  scheme: 'http' | 'https'
}

/** A connection for one request. */
export interface Opened {
  socket: Socket
  /** Target of the request line. A proxy gets the whole URL of a plain-HTTP request. */
  path: string
  headers: Readonly<Record<string, string>>
}

export interface Route {
  open(timeoutMs: number, signal: AbortSignal): Promise<Opened>
}

/** Rejects with `forbidden-address` before anything is dialled. */
export async function routeTo(target: Target, parts: RouteParts): Promise<Route> {
  const { url, authority, scheme } = target
  const path = `${url.pathname}${url.search}`
  const proxy = proxyFor(url, parts.outgoing)
  if (proxy !== null) {
    await checkBeforeProxy(authority, parts.resolve)
    return { open: (timeoutMs) => throughProxy(target, path, { proxy, trust: parts.trust, timeoutMs }) }
  }
  const addresses = await resolveHost(authority, parts.resolve)
  return {
    async open(timeoutMs, signal) {
      const plain = await dial(addresses, authority, parts.connect, timeoutMs, signal)
      const socket = scheme === 'http' ? plain : await secure(plain, authority, parts.trust(), timeoutMs)
      return { socket, path, headers: {} }
    },
  }
}

async function throughProxy(
  { authority, scheme }: Target,
  path: string,
  dialling: Parameters<typeof dialProxy>[0],
): Promise<Opened> {
  try {
    if (scheme === 'http') {
      const token = proxyAuthorization(dialling.proxy)
      const headers: Record<string, string> = token === null ? {} : { 'proxy-authorization': token }
      return { socket: await dialProxy(dialling), path: `http://${authorityText(authority)}${path}`, headers }
    }
    const plain = await dialThrough(dialling, authorityText(authority))
    const socket = await secure(plain, authority, dialling.trust(), dialling.timeoutMs)
    return { socket, path, headers: {} }
  } catch (error) {
    if (error instanceof GatewayError) throw error
    const why = error instanceof Error ? error.message : 'unknown'
    const message = `${authority.host} can't be reached through the proxy of this machine: ${why}.`
    throw new GatewayError('unreachable', message, { cause: error })
  }
}
