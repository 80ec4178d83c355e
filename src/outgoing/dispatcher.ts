// An undici dispatcher that connects directly or through a proxy, as the settings say.
import type { LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import { Agent, Dispatcher, ProxyAgent } from 'undici'
import { machineCertificates, trustContext } from './certificates.ts'
import { proxyAuthorization, proxyFor, type Outgoing } from './settings.ts'

export interface DispatcherOptions {
  /** Timeouts in milliseconds. */
  connectMs: number
  headersMs: number
  /** Longest silence within a body, in milliseconds. */
  idleMs: number
  /** Most connections per origin. */
  connections?: number
  /** All trusted certificates in PEM; the default is the machine's certificates and those of the settings. */
  certificates?: () => readonly string[]
  /** false: certificates are not verified. */
  verify?: boolean
  /** Resolves names for direct connections. */
  lookup?: LookupFunction
}

/** Uses HTTP/1.1 only. Connections are kept alive until the dispatcher is destroyed. */
export function createDispatcher(outgoing: Outgoing, options: DispatcherOptions): Dispatcher {
  return new OutgoingDispatcher(outgoing, options)
}

class OutgoingDispatcher extends Dispatcher {
  readonly #outgoing: Outgoing
  readonly #options: DispatcherOptions
  readonly #agents = new Map<string | null, Dispatcher>()
  #trust: SecureContext | null = null

  constructor(outgoing: Outgoing, options: DispatcherOptions) {
    super()
    this.#outgoing = outgoing
    this.#options = options
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const proxy = proxyFor(new URL(String(options.origin)), this.#outgoing)
    return this.#agentFor(proxy).dispatch(options, handler)
  }

  #agentFor(proxy: URL | null): Dispatcher {
    const key = proxy?.href ?? null
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    const agent = this.#open(proxy)
    this.#agents.set(key, agent)
    return agent
  }

  #open(proxy: URL | null): Dispatcher {
    const { connectMs, headersMs, idleMs, connections, verify, lookup } = this.#options
    this.#trust ??= trustContext(
      this.#options.certificates?.() ?? [...machineCertificates(), ...this.#outgoing.certificates],
    )
    const tls = { secureContext: this.#trust, rejectUnauthorized: verify ?? true, timeout: connectMs }
    const shared = {
      headersTimeout: headersMs,
      bodyTimeout: idleMs,
      allowH2: false,
      ...(connections && { connections }),
    }
    if (proxy === null) return new Agent({ ...shared, connect: { ...tls, ...(lookup && { lookup }) } })
    const token = proxyAuthorization(proxy)
    return new ProxyAgent({
      ...shared,
      uri: proxy.origin,
      requestTls: tls,
      proxyTls: { ...tls, rejectUnauthorized: true },
      ...(token !== null && { token }),
    })
  }

  override async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()))
  }

  override async destroy(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()))
  }
}
