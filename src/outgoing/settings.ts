// How this machine reaches the outside: one rule for every connection that Glovebox itself opens, and for git on the host.
import ipaddr from 'ipaddr.js'

export interface Outgoing {
  /** For http:// and for https:// URLs; null: no proxy. Secret: there may be a password in the URL. */
  readonly httpProxy: URL | null
  readonly httpsProxy: URL | null
  /** Hosts that are reached without the proxy: names, `.suffix`, `name:port`, addresses, networks in CIDR notation, `*`. */
  readonly noProxy: readonly string[]
  /** glovebox.yaml says which proxies there are: then no program's own settings count. */
  readonly decided: boolean
  /** PEM, trusted beside what the machine trusts. */
  readonly certificates: readonly string[]
}

export const DIRECT: Outgoing = { httpProxy: null, httpsProxy: null, noProxy: [], decided: false, certificates: [] }

/** A proxy on another machine does not reach the loopback of this one. */
const LOOPBACK = ['localhost', '.localhost', '127.0.0.0/8', '::1']

/** The proxy that a URL is reached through; null: none. */
export function proxyFor(url: URL, { httpProxy, httpsProxy, noProxy }: Outgoing): URL | null {
  const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy
  if (proxy === null) return null
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const host = bare(url.hostname).toLowerCase()
  return [...LOOPBACK, ...noProxy].some((entry) => exempts(entry, host, port)) ? null : proxy
}

/** `Basic` with what the proxy's URL says of a user; null: it says nothing. Secret. */
export function proxyAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
}

/** `host:port` is an http:// URL, as curl has it. null for anything that is no HTTP proxy. */
export function parseProxy(text: string): URL | null {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return null
  if (/%(?![0-9a-f]{2})/i.test(`${url.username}${url.password}`)) return null
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : null
}

/** NO_PROXY, with commas or blanks between its entries. */
export function parseNoProxy(text: string): string[] {
  return text.split(/[\s,]+/).filter((entry) => entry !== '')
}

function exempts(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true
  const [, name = entry, ofPort] = /^(.*[^:]):([0-9]+)$/.exec(entry) ?? []
  const withPort = ofPort !== undefined && !isAddress(entry)
  if (withPort && Number(ofPort) !== port) return false
  const named = bare(withPort ? name : entry).toLowerCase()
  if (ipaddr.isValid(host)) return ofNetwork(named, host)
  const suffix = named.replace(/^\*?\./, '')
  return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`))
}

function ofNetwork(named: string, host: string): boolean {
  const address = ipaddr.process(host)
  if (ipaddr.isValid(named)) return ipaddr.process(named).toString() === address.toString()
  if (!ipaddr.isValidCIDR(named)) return false
  const [network, bits] = ipaddr.parseCIDR(named)
  return network.kind() === address.kind() && address.match([network, bits] as never)
}

function isAddress(text: string): boolean {
  return ipaddr.IPv6.isValid(text)
}

function bare(host: string): string {
  return host.startsWith('[') ? host.replace(/^\[|\]$/g, '') : host
}
