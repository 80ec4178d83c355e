// A forward proxy on loopback like that of a company, for CONNECT and absolute-form requests. Only it knows the
// addresses of a test's hosts.
import { createServer, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listen } from './gateway-fixture.ts'

export interface ConnectProxy extends AsyncDisposable {
  /** URL with a user and a password. */
  url: URL
  /** Received requests in order: `METHOD target credential`. */
  seen: string[]
}

const CHALLENGE = { 'proxy-authenticate': 'Basic realm="corp"' }

/** `places`: maps `host:port` to a port on loopback. The proxy answers 403 for other hosts. */
export async function openConnectProxy(places: Readonly<Record<string, number>>): Promise<ConnectProxy> {
  const seen: string[] = []
  const sockets = new Set<Socket>()
  /** Whether the request has a credential; without one, answers that a credential is required. */
  const note = (method: string, target: string, credential: string | undefined): boolean => {
    const [, value = ''] = /^Basic (.+)$/.exec(credential ?? '') ?? []
    if (value !== '') seen.push(`${method} ${target} ${Buffer.from(value, 'base64').toString()}`)
    return value !== ''
  }
  const server = createServer((request, response) => {
    if (!note(request.method ?? '', request.url ?? '', request.headers['proxy-authorization']))
      return void response.writeHead(407, CHALLENGE).end()
    const url = URL.parse(request.url ?? '')
    const port = url === null ? undefined : places[`${url.hostname}:${url.port || 80}`]
    if (url === null || port === undefined) return void response.writeHead(403).end()
    const path = `${url.pathname}${url.search}`
    const onward = httpRequest({ port, path, method: request.method, headers: { host: url.host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  server.on('connect', (request, socket: Socket) => {
    sockets.add(socket.on('error', () => {}))
    if (!note('CONNECT', request.url ?? '', request.headers['proxy-authorization']))
      return void socket.end('HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm="corp"\r\nConnection: close\r\n\r\n')
    const port = places[request.url ?? '']
    if (port === undefined) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward.on('error', () => socket.destroy()))
  })
  const port = await listen(server)
  return {
    seen,
    url: new URL(`http://corp:p%40ss@127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** The credential that configured clients send. */
export const CREDENTIAL = 'corp:p@ss'
