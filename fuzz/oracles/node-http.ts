// Node's own HTTP parser, configured as in the proxy, on bytes in memory.
import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

export type ParsedRequest = Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'> & { body: Buffer }

export interface ParsedStream {
  requests: ParsedRequest[]
  /** Code of the parser's error, if any. */
  error: string | null
}

/** Parses requests with their whole bodies, up to the first that upgrades, breaks off or is not HTTP. */
export async function parseHttp(bytes: Uint8Array, maxHeaderSize = 32 * 1024): Promise<ParsedStream> {
  const parsed: ParsedStream = { requests: [], error: null }
  const server = createServer({ insecureHTTPParser: false, maxHeaderSize, requireHostHeader: false })
  server.maxHeadersCount = 0
  const take = (request: IncomingMessage, body: Buffer): void => {
    const { method, url, httpVersion, rawHeaders } = request
    parsed.requests.push({ method, url, httpVersion, rawHeaders, body } as ParsedRequest)
  }
  const listen = (request: IncomingMessage, response: { end(): void }): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      take(request, Buffer.concat(chunks))
      response.end()
    })
  }
  server.on('request', listen)
  server.on('checkExpectation', listen)
  server.on('connect', (request) => take(request, Buffer.alloc(0)))
  server.on('clientError', (error: NodeJS.ErrnoException) => (parsed.error ??= error.code ?? 'error'))
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  socket.on('error', () => {})
  server.emit('connection', socket)
  socket.push(bytes)
  // Answers are sent in order, and each lets the parser continue.
  for (let turns = 0, seen = -1; turns < 50 && seen !== parsed.requests.length; turns++) {
    seen = parsed.requests.length
    await nextTurn()
    await nextTurn()
  }
  socket.destroy()
  server.close()
  return parsed
}
