// The adapter between node:http and fetch's Request and Response. It never writes to the console, whose streams belong
// to the command line. If a body fails halfway, it destroys the connection, so that the answer never looks complete.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'

type Fetch = (request: Request) => Response | Promise<Response>

export function nodeListener(fetch: Fetch): RequestListener {
  return (incoming, outgoing) => {
    void exchange(fetch, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function exchange(fetch: Fetch, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const request = toRequest(incoming, gone.signal)
  if (request === null) {
    outgoing.writeHead(400, { connection: 'close' }).end()
    return
  }
  const response = await fetch(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  await pipeline(Readable.fromWeb(response.body as WebStream), outgoing)
}

/** null if the request is not acceptable: an absolute target, not exactly one Host header, or TRACE. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  const { method = 'GET', url = '', headersDistinct } = incoming
  if (!url.startsWith('/') || headersDistinct['host']?.length !== 1 || method === 'TRACE') return null
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  const bodiless = method === 'GET' || method === 'HEAD'
  // A fixed authority, so that a target such as `//host/` stays a path.
  return new Request(`http://glovebox.invalid${url}`, {
    method,
    headers,
    signal,
    ...(bodiless ? {} : { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' }),
  })
}
