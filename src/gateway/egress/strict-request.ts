// From what llhttp parsed to a request with one meaning, or a refusal. The target, the Host header and, in a tunnel,
// the CONNECT authority and SNI must name the same origin, or a request could be decided on as one host and served by
// another (CWE-444, domain fronting). Attacker-controlled throughout.
import type { IncomingMessage } from 'node:http'
import { GatewayError } from '../gateway-error.ts'
import type { GatewayLimits } from '../limits.ts'
import type { GatewayRequest } from '../types.ts'
import { defaultPort, parseAuthority, sameAuthority, type Authority } from './authority.ts'
import { endToEndHeaders, headerPairs } from './headers.ts'

export interface Tunnel {
  authority: Authority
  /** What the ClientHello asked for; null when it named no server. */
  servername: string | null
}

/** What the gateway itself answers in the clear, as an HTTP server does: no URL in the request line, but a path. */
export interface LocalServer {
  /** The authorities by which clients in the sandbox know the gateway. */
  authorities: readonly Authority[]
  /** Paths that begin with one of these. */
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
// Printable ASCII but for the characters that URL parsers disagree on.
const PATH = /^[/?][\x21\x24-\x5b\x5d-\x7e]*$/

/** `tunnel` is null for a request that came to the proxy in the clear. */
export function strictRequest(
  request: Parsed,
  tunnel: Tunnel | null,
  limits: Limits,
  local: LocalServer | null = null,
): StrictRequest {
  const method = request.method ?? ''
  const headers = strictHeaders(request, limits)
  if (method === 'TRACE') throw new GatewayError('unsupported', 'TRACE is not passed on.')
  const target = parseTarget(request.url ?? '', { tunnel, local, host: headers.get('host') }, limits)
  checkHost(headers.get('host'), target.authority, target.scheme)
  if (tunnel !== null) checkServername(tunnel)
  return { method, url: target.url, headers: endToEndHeaders(headers) }
}

/** Every rule about headers that holds for CONNECT as well. */
export function strictHeaders(request: Parsed, limits: Pick<Limits, 'headers'>): Map<string, string> {
  const pairs = headerPairs(request.rawHeaders)
  if (pairs.length > limits.headers) throw bad(`There are more than ${limits.headers} headers.`)
  const headers = new Map<string, string>()
  for (const [name, value] of pairs) {
    const present = headers.get(name)
    if (present !== undefined && SINGLE.has(name)) throw bad(`The header ${name} is there twice.`)
    headers.set(name, present === undefined ? value : `${present}${name === 'cookie' ? '; ' : ', '}${value}`)
  }
  checkFraming(headers, request.httpVersion)
  if (headers.has('upgrade') || headers.has('http2-settings')) {
    throw new GatewayError('unsupported', 'Connections are not upgraded here: no WebSocket, no h2c.')
  }
  const expected = headers.get('expect')
  if (expected !== undefined && expected.toLowerCase() !== '100-continue') {
    throw new GatewayError('unsupported', 'Nothing but 100-continue is met of what Expect may ask for.')
  }
  return headers
}

function checkFraming(headers: ReadonlyMap<string, string>, httpVersion: string): void {
  const length = headers.get('content-length')
  const encoding = headers.get('transfer-encoding')
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw bad(`HTTP/${httpVersion} is not spoken here.`)
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

/** Another Host than our own is another website, which a page in a browser inside could name (DNS rebinding). */
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
  if (!PATH.test(path)) throw bad('The path holds characters that must be percent-encoded.')
  const url = URL.parse(`${scheme}://${authority.host}:${authority.port}${path}`)
  if (url === null || url.hostname !== authority.host) throw bad('The URL is not valid.')
  return { url, authority, scheme }
}

function checkHost(header: string | undefined, authority: Authority, scheme: 'http' | 'https'): void {
  if (header === undefined) throw bad('The Host header is missing.')
  if (sameAuthority(parseAuthority(header, defaultPort(scheme)), authority)) return
  throw new GatewayError('misdirected', 'The Host header names another host than the request was sent to.')
}

/** RFC 6066 allows no addresses in SNI, so a client that goes to an address sends none. */
function checkServername({ authority, servername }: Tunnel): void {
  if (authority.kind === 'name' ? servername?.toLowerCase() === authority.host : servername === null) return
  throw new GatewayError('misdirected', 'The TLS server name (SNI) is another than the host of CONNECT.')
}

function bad(message: string): GatewayError {
  return new GatewayError('bad-request', message)
}
