// Strict check of a request that llhttp parsed: the result has exactly one meaning, or the request is refused. The
// target, the Host header and, in a tunnel, the CONNECT authority and SNI must name the same origin. Otherwise policy
// could decide on one host while another host answers (CWE-444, domain fronting). All input is attacker-controlled.
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../gateway-error.ts'
import type { GatewayLimits } from '../limits.ts'
import type { GatewayRequest } from '../types.ts'
import { defaultPort, parseAuthority, sameAuthority, type Authority } from './authority.ts'
import { endToEndHeaders, headerPairs } from './headers.ts'

export interface Tunnel {
  authority: Authority
  /** Server name (SNI) in the ClientHello; null if it had none. */
  servername: string | null
}

/** Paths that the gateway itself answers over plain HTTP, like a web server: the request line has a path, not a URL. */
export interface LocalServer {
  /** Authorities by which clients in the sandbox address the gateway. */
  authorities: readonly Authority[]
  /** Prefixes of the answered paths. */
  paths: readonly string[]
}

export type StrictRequest = Pick<GatewayRequest, 'method' | 'url' | 'headers'>

type Parsed = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>
type Limits = Pick<GatewayLimits, 'headers' | 'urlBytes'>

const SINGLE = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'authorization',
  'proxy-authorization',
  'expect',
  'upgrade',
  'range',
  'if-range',
  'user-agent',
  'referer',
  'origin',
])
const ABSOLUTE = /^http:\/\/([^/?#]+)([/?].*)?$/i
// Printable ASCII without the characters on which URL parsers disagree.
const PATH = /^[/?][\x21\x24-\x5b\x5d-\x7e]*$/

/** `tunnel`: null for a request that the proxy received outside a tunnel. */
export function strictRequest(
  request: Parsed,
  tunnel: Tunnel | null,
  limits: Limits,
  local: LocalServer | null = null,
): StrictRequest {
  const method = request.method ?? ''
  const headers = strictHeaders(request, limits)
  if (method === 'TRACE') throw new GatewayError('unsupported', 'The gateway does not pass on TRACE.')
  const target = parseTarget(request.url ?? '', { tunnel, local, host: headers.get('host') }, limits)
  checkHost(headers.get('host'), target.authority, target.scheme)
  if (tunnel !== null) checkServername(tunnel)
  return { method, url: target.url, headers: endToEndHeaders(headers) }
}

/** Checks the header rules that also apply to CONNECT. */
export function strictHeaders(request: Parsed, limits: Pick<Limits, 'headers'>): Map<string, string> {
  const pairs = headerPairs(request.rawHeaders)
  if (pairs.length > limits.headers) throw bad(`There are more than ${limits.headers} headers.`)
  const headers = new Map<string, string>()
  for (const [name, value] of pairs) {
    const present = headers.get(name)
    if (present !== undefined && SINGLE.has(name)) throw bad(`The header ${name} occurs twice.`)
    headers.set(name, present === undefined ? value : `${present}${name === 'cookie' ? '; ' : ', '}${value}`)
  }
  checkFraming(headers, request.httpVersion)
  if (headers.has('upgrade') || headers.has('http2-settings')) {
    throw new GatewayError('unsupported', 'The gateway does not upgrade connections: no WebSocket, no h2c.')
  }
  const expected = headers.get('expect')
  if (expected !== undefined && expected.toLowerCase() !== '100-continue') {
    throw new GatewayError('unsupported', 'The gateway supports no Expect but 100-continue.')
  }
  return headers
}

function checkFraming(headers: ReadonlyMap<string, string>, httpVersion: string): void {
  const length = headers.get('content-length')
  const encoding = headers.get('transfer-encoding')
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw bad(`The gateway does not support HTTP/${httpVersion}.`)
  if (length !== undefined && !/^(0|[1-9][0-9]{0,15})$/.test(length)) throw bad('Content-Length is not a number.')
  if (encoding === undefined) return
  if (length !== undefined) throw bad('Content-Length and Transfer-Encoding exclude each other.')
  if (encoding.toLowerCase() !== 'chunked' || httpVersion !== '1.1') throw bad('Transfer-Encoding may only be chunked.')
}

interface Target {
  url: URL
  authority: Authority
  scheme: 'http' | 'https'
}

/**
 * Whether the URL is for the gateway's own server. Checks the Host, because a page in a browser inside could send
 * another one (DNS rebinding).
 */
export function isLocal(url: URL, { authorities, paths }: LocalServer): boolean {
  if (url.protocol !== 'http:') return false
  const authority = parseAuthority(url.host, defaultPort('http'))
  return authorities.some((own) => sameAuthority(own, authority)) && paths.some((path) => url.pathname.startsWith(path))
}

interface Addressed {
  tunnel: Tunnel | null
  local: LocalServer | null
  host: string | undefined
}

function parseTarget(text: string, { tunnel, local, host }: Addressed, limits: Limits): Target {
  if (text.length > limits.urlBytes)
    throw new GatewayError('too-large', `The URL is longer than ${limits.urlBytes} bytes.`)
  if (tunnel !== null) {
    if (!text.startsWith('/')) throw bad('In a tunnel the request target must be a path.')
    return target('https', tunnel.authority, text)
  }
  if (text.startsWith('/') && local !== null && host !== undefined) {
    const direct = target('http', parseAuthority(host, defaultPort('http')), text)
    if (isLocal(direct.url, local)) return direct
  }
  const [, authority, path] = ABSOLUTE.exec(text) ?? []
  if (authority === undefined) throw bad('The request target must be an http:// URL; https:// goes through CONNECT.')
  return target('http', parseAuthority(authority, defaultPort('http')), path ?? '/')
}

function target(scheme: 'http' | 'https', authority: Authority, path: string): Target {
  if (!PATH.test(path)) throw bad('The path contains characters that must be percent-encoded.')
  const url = URL.parse(`${scheme}://${authority.host}:${authority.port}${path}`)
  if (url === null || url.hostname !== authority.host) throw bad('The URL is not valid.')
  return { url, authority, scheme }
}

function checkHost(header: string | undefined, authority: Authority, scheme: 'http' | 'https'): void {
  if (header === undefined) throw bad('The Host header is missing.')
  if (sameAuthority(parseAuthority(header, defaultPort(scheme)), authority)) return
  throw new GatewayError('misdirected', 'The Host header names another host than the request was sent to.')
}

/** RFC 6066 allows no IP addresses in SNI, so a client that connects to an IP address sends no SNI. */
function checkServername({ authority, servername }: Tunnel): void {
  if (authority.kind === 'name' ? servername?.toLowerCase() === authority.host : servername === null) return
  throw new GatewayError('misdirected', 'The TLS server name (SNI) differs from the host of CONNECT.')
}

function bad(message: string): GatewayError {
  return new GatewayError('bad-request', message)
}
