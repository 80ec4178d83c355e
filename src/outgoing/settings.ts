// The rule for outgoing connections: direct or through a proxy. It applies to every connection that Glovebox itself
// opens and to git on the host.
import ipaddr from 'ipaddr.js'

export interface Outgoing {
  /** Proxies for http:// and for https:// URLs; null: no proxy. Secret, since the URL may contain a password. */
  readonly httpProxy: URL | null
  readonly httpsProxy: URL | null
  /**
   * Hosts that are reached without the proxy: names, `.suffix`, `name:port`, addresses, networks in CIDR notation, `*`.
   */
  readonly noProxy: readonly string[]
  /** Whether glovebox.yaml sets the proxies; then the settings of other programs are ignored. */
  readonly decided: boolean
  /** Certificates in PEM that are trusted in addition to the machine's. */
  readonly certificates: readonly string[]
}

export const DIRECT: Outgoing = { httpProxy: null, httpsProxy: null, noProxy: [], decided: false, certificates: [] }

/** Loopback addresses never use a proxy: a proxy on another machine cannot reach this machine's loopback. */
const LOOPBACK = ['localhost', '.localhost', '127.0.0.0/8', '::1']

/** The proxy for a URL; null for a direct connection. */
export function proxyFor(url: URL, { httpProxy, httpsProxy, noProxy }: Outgoing): URL | null {
  const proxy = url.protocol === 'https:' ? httpsProxy : httpProxy
  if (proxy === null) return null
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const host = bare(url.hostname).toLowerCase()
  return [...LOOPBACK, ...noProxy].some((entry) => exempts(entry, host, port)) ? null : proxy
}

/** The `Basic` header for the user and password in the proxy's URL; null if it has none. Secret. */
export function proxyAuthorization({ username, password }: URL): string | null {
  if (username === '' && password === '') return null
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
}

/** Parses a proxy setting; null if it is not an HTTP proxy. As with curl, `host:port` means `http://host:port`. */
export function parseProxy(text: string): URL | null {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') return null
  if (/%(?![0-9a-f]{2})/i.test(`${url.username}${url.password}`)) return null
  return url.pathname === '/' && url.search === '' && url.hash === '' ? url : null
}

/** Parses NO_PROXY; commas or blanks separate its entries. */
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
