// The HTTP proxy that a sandbox sees. It makes sure that a request has exactly one meaning, passes it to the service of
// its origin, and records the requests that it refuses itself. Policy decisions are made by the services.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { GatewayError } from '../gateway-error.ts'
import type { GatewayLimits } from '../limits.ts'
import { recordRequest } from '../record-request.ts'
import { explain, failureOf, type Refusal } from '../refusal.ts'
import type { GatewayContext, GatewayResponse, GatewayService } from '../types.ts'
import { defaultPort, parseAuthority, sameAuthority, type Authority } from './authority.ts'
import { drain, limitBody } from './limit-body.ts'
import { recordableUrl } from './recordable-url.ts'
import type { RunCa } from './run-ca.ts'
import { strictHeaders, strictRequest, type LocalServer, type Tunnel } from './strict-request.ts'
import { acceptTls } from './tunnel.ts'
import { watchTunnel, type TunnelUse } from './tunnel-use.ts'
import { writeRaw, writeResponse } from './write-response.ts'

export interface ProxyOptions {
  context: GatewayContext
  ca: RunCa
  limits: GatewayLimits
  /** Service for a URL; throws a GatewayError if there is none. */
  route(url: URL): GatewayService
  /** null: the gateway answers only proxy requests. */
  local: LocalServer | null
  reachable: readonly string[]
  signal: AbortSignal
}

export interface Proxy {
  server: Server
  /** Resolves when no request is in progress. */
  idle(): Promise<void>
}

const REFUSED = { allowed: false, reasons: [] }
const ABOUT =
  'This is the gateway of a Glovebox sandbox: an HTTP proxy, not a website. Use it through http_proxy and https_proxy.'

export function createProxy(options: ProxyOptions): Proxy {
  const { limits } = options
  const tunnels = new WeakMap<Duplex, Tunnel & { use: TunnelUse }>()
  const working = new Set<Promise<void>>()
  const busy = new WeakMap<Duplex, number>()
  const last = new WeakMap<Duplex, Promise<void>>()
  const newest = new WeakMap<Duplex, IncomingMessage>()
  const over = new WeakSet<Duplex>()
  const server = createServer({
    insecureHTTPParser: false,
    maxHeaderSize: limits.headerBytes,
    // Node would answer a missing Host itself, without a record. strict-request.ts requires it instead.
    requireHostHeader: false,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: Math.min(5000, limits.headersMs),
  })
  // Node silently drops headers over its own limit. strict-request.ts counts and refuses them instead.
  server.maxHeadersCount = 0
  server.maxConnections = limits.connections
  server.on('request', request)
  // Node would answer an unknown Expect itself, without a record. strict-request.ts refuses it instead.
  server.on('checkExpectation', request)
  server.on('connect', (req, socket, head) => work(connect(req, socket as Socket, head), socket))
  server.on('clientError', (error, socket) => work(unparsable(error, socket), socket))

  /**
   * HTTP lets a client send many requests before it reads an answer, and Node delivers all of them at once. Here they
   * wait for each other, so that the number of connections bounds the work. A client with more waiting requests than an
   * honest client sends loses its connection. After a refused request the rest of the connection is ignored, because
   * the parser may be wrong about where the next request starts.
   */
  function request(req: IncomingMessage, res: ServerResponse): void {
    const { socket } = req
    if (socket.destroyed || over.has(socket)) return
    newest.set(socket, req)
    const tunnel = tunnels.get(socket) ?? null
    tunnel?.use.requested()
    const waiting = busy.get(socket) ?? 0
    if (waiting > limits.pipelined) return work(cutOff(req, tunnel), socket)
    const inTurn = async (): Promise<void> => {
      await last.get(socket)?.catch(() => {})
      if (socket.writable && !over.has(socket)) await answer(options, req, res, tunnel, () => over.add(socket))
    }
    const job = waiting > 0 ? inTurn() : answer(options, req, res, tunnel, () => over.add(socket))
    last.set(socket, job)
    work(job, socket)
  }

  async function cutOff(req: IncomingMessage, tunnel: Tunnel | null): Promise<void> {
    req.socket.destroy()
    const error = new GatewayError('bad-request', `More than ${limits.pipelined} requests wait on one connection.`)
    await refuse(options, { method: req.method ?? '', url: recordableUrl(req.url ?? '', tunnel), ...failureOf(error) })
  }

  function work(job: Promise<void>, socket: Duplex): void {
    busy.set(socket, (busy.get(socket) ?? 0) + 1)
    const ended = job.catch(() => void socket.destroy())
    wait(ended.finally(() => busy.set(socket, (busy.get(socket) ?? 1) - 1)))
  }

  function wait(job: Promise<unknown>): void {
    const done = job.then(() => void working.delete(done))
    working.add(done)
  }

  async function connect(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    socket.on('error', () => {})
    try {
      const authority = connectAuthority(req, tunnels.has(socket), limits)
      if (head.length > 0) socket.unshift(head)
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      const watch = watchTunnel(socket, authority, options.context)
      const tls = await acceptTls(socket, authority, options.ca, limits.handshakeMs, options.signal)
      const servername = servernameOf(tls)
      const use = watch(tls, servername)
      tunnels.set(tls, { authority, servername, use })
      // The gateway closes only after the tunnel is recorded.
      wait(use.recorded)
      // The same server, so that its timeouts and its close() also apply inside a tunnel.
      server.emit('connection', tls)
    } catch (error) {
      await refuseRaw(options, socket, 'CONNECT', recordableUrl(req.url ?? '', null), error)
    }
  }

  async function unparsable(error: NodeJS.ErrnoException, socket: Duplex): Promise<void> {
    const working = (busy.get(socket) ?? 0) > 0
    // If the body of the current request can't be parsed, that request breaks off and its own record says so.
    const broken = working && !newest.get(socket)?.complete
    if (error.code === 'ECONNRESET' || !socket.writable || broken) return void socket.destroy()
    const url = recordableUrl('/', tunnels.get(socket) ?? null)
    tunnels.get(socket)?.use.requested()
    if (!working) return refuseRaw(options, socket, '(unparsable)', url, parseFailure(error))
    // While an answer is being sent, the client would read this refusal as a part of it.
    over.add(socket)
    await refuse(options, { method: '(unparsable)', url, ...failureOf(parseFailure(error)) })
    await last.get(socket)?.catch(() => {})
    socket.end(() => socket.destroy())
  }

  return {
    server,
    async idle() {
      while (working.size > 0) await Promise.all(working)
    },
  }
}

function connectAuthority(req: IncomingMessage, nested: boolean, limits: GatewayLimits): Authority {
  if (nested) throw new GatewayError('unsupported', 'CONNECT inside a tunnel is not supported.')
  const headers = strictHeaders(req, limits)
  if (headers.has('content-length') || headers.has('transfer-encoding'))
    throw new GatewayError('bad-request', 'CONNECT must not have a body.')
  const authority = parseAuthority(req.url ?? '', null)
  const host = headers.get('host')
  // Python's http.client sends CONNECT as HTTP/1.0 without Host.
  if (host === undefined && req.httpVersion === '1.0') return authority
  if (sameAuthority(parseAuthority(host ?? '', defaultPort('https')), authority)) return authority
  throw new GatewayError('misdirected', 'The Host header names another host than CONNECT.')
}

async function answer(
  options: ProxyOptions,
  req: IncomingMessage,
  res: ServerResponse,
  tunnel: Tunnel | null,
  onLast: () => void,
): Promise<void> {
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  let response: GatewayResponse
  let refused = false
  try {
    const parsed = strictRequest(req, tunnel, options.limits, options.local)
    const body = limitBody(req, options.limits.requestBytes)
    const signal = AbortSignal.any([gone.signal, options.signal])
    response = await options.route(parsed.url).handle({ ...parsed, body, signal })
  } catch (error) {
    refused = true
    const direct = tunnel === null && isWebsite(req.url ?? '', options.local)
    response = await refuse(
      options,
      {
        method: req.method ?? '',
        url: recordableUrl(req.url ?? '', tunnel),
        ...(direct ? ({ status: 400, code: 'not-a-website', message: ABOUT } as const) : failureOf(error)),
      },
      req.headers.accept,
    )
  }
  if (refused) onLast()
  if (!req.complete) await drain(req, options.limits.drainBytes, options.limits.drainMs)
  if (!req.complete) onLast()
  await writeResponse(res, response, { head: req.method === 'HEAD', close: refused || !req.complete })
}

/** Whether the target addresses the gateway like a website, outside the paths that the local server answers. */
function isWebsite(target: string, local: LocalServer | null): boolean {
  return target.startsWith('/') && !(local?.paths.some((path) => target.startsWith(path)) ?? false)
}

async function refuse(
  options: ProxyOptions,
  refusal: Omit<Refusal, 'reachable' | 'decision'>,
  accept?: string,
): Promise<GatewayResponse & { body: Uint8Array }> {
  const { method, url, status, message } = refusal
  const full = { ...refusal, decision: REFUSED, reachable: options.reachable }
  try {
    await recordRequest(options.context, {
      method,
      url,
      service: 'egress',
      status,
      requestBytes: 0,
      responseBytes: 0,
      decision: REFUSED,
      note: message,
    })
    return explain(full, accept) as GatewayResponse & { body: Uint8Array }
  } catch (error) {
    return explain({ ...full, ...failureOf(error) }, accept) as GatewayResponse & { body: Uint8Array }
  }
}

async function refuseRaw(
  options: ProxyOptions,
  socket: Duplex,
  method: string,
  url: string,
  error: unknown,
): Promise<void> {
  const response = await refuse(options, { method, url, ...failureOf(error) })
  if (socket.writable) await writeRaw(socket, response)
  socket.destroy()
}

function servernameOf(tls: TLSSocket): string | null {
  const { servername } = tls as TLSSocket & { servername?: string | false | null }
  return typeof servername === 'string' && servername !== '' ? servername : null
}

function parseFailure(error: NodeJS.ErrnoException): GatewayError {
  if (error.code === 'HPE_HEADER_OVERFLOW') return new GatewayError('too-large', 'The headers are too long.')
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new GatewayError('timeout', 'The request did not come in time.')
  return new GatewayError('bad-request', `This can't be read as HTTP (${error.code ?? 'unreadable'}).`)
}
