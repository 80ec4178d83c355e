// Strict parser for host[:port]. All input is attacker-controlled. An accepted authority has exactly one meaning: the
// WHATWG URL parser, getaddrinfo and TLS all see the same host, so that the gateway dials the host that policy decided
// on.
import { GatewayError } from '../gateway-error.ts'

export interface Authority {
  /** Lower-case name, dotted-quad IPv4, or canonical IPv6 in brackets. */
  host: string
  port: number
  kind: 'name' | 'ipv4' | 'ipv6'
}

const SHAPE = /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?$/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const QUAD = /^(0|[1-9][0-9]{0,2})(\.(0|[1-9][0-9]{0,2})){3}$/
// The URL standard reads a host whose last label matches as an IPv4 number: 0x7f.1, 2130706433, 0177.0.0.1.
const NUMERIC_LABEL = /^([0-9]+|0x[0-9a-f]*)$/

/** Uses `defaultPort` if the text has no port; null: the port is required. */
export function parseAuthority(text: string, defaultPort: number | null): Authority {
  const [, hostText, portText] = SHAPE.exec(text) ?? []
  if (hostText === undefined)
    throw refused('it must be host or host:port in plain ASCII, without user, path or escapes')
  const port = portText === undefined ? defaultPort : Number(portText)
  if (port === null) throw refused('the port is missing')
  if (port > 65_535) throw refused('the port is out of range')
  return { ...parseHost(hostText.toLowerCase()), port }
}

/** `host:port`, the id of a host in policies. */
export function authorityText(authority: Pick<Authority, 'host' | 'port'>): string {
  return `${authority.host}:${authority.port}`
}

export function sameAuthority(one: Authority, other: Authority): boolean {
  return one.host === other.host && one.port === other.port
}

export function defaultPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80
}

/** The host in the form that sockets expect: IPv6 without brackets. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

function parseHost(host: string): Pick<Authority, 'host' | 'kind'> {
  if (host.startsWith('[')) return { host: urlHost(host) ?? fail('it is not a valid IPv6 address'), kind: 'ipv6' }
  const labels = host.split('.')
  if (NUMERIC_LABEL.test(labels.at(-1) ?? '')) return parseIpv4(host)
  if (!labels.every((label) => LABEL.test(label))) throw refused('it is not a valid host name')
  // Also refuses xn-- labels that do not decode to a valid name.
  if (urlHost(host) !== host) throw refused('it is not a valid internationalised host name')
  return { host, kind: 'name' }
}

function parseIpv4(host: string): Pick<Authority, 'host' | 'kind'> {
  if (!QUAD.test(host) || urlHost(host) !== host) throw refused('an IPv4 address must be four decimal numbers')
  return { host, kind: 'ipv4' }
}

function urlHost(host: string): string | null {
  const url = URL.parse(`http://${host}/`)
  return url === null ? null : url.hostname
}

function fail(why: string): never {
  throw refused(why)
}

function refused(why: string): GatewayError {
  return new GatewayError('bad-authority', `The host is not acceptable: ${why}.`)
}
