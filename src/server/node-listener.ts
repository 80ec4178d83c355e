// The adapter between node:http and fetch's Request and Response. It never writes to the console, whose streams belong
// to the command line. If a body fails halfway, it destroys the connection, so that the answer never looks complete.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as WebStream } from 'node:stream/web'

type Fetch = (request: Request) => Response | Promise<Response>

export interface Answered {
  /** null: the request was not acceptable as HTTP. */
  request: Request | null
  address: string
  method: string
  /** As sent, with its query. Attacker-controlled. */
  target: string
  /** null: the connection ended before an answer began. */
  status: number | null
  wallMs: number
}

/** `onAnswered` is called once per request, when its answer has ended. */
export function nodeListener(fetch: Fetch, onAnswered: (answered: Answered) => void = () => {}): RequestListener {
  return (incoming, outgoing) => {
    const { method = '', url: target = '' } = incoming
    const address = incoming.socket.remoteAddress ?? '-'
    const start = performance.now()
    const gone = new AbortController()
    const request = acceptable(incoming, gone.signal)
    outgoing.on('close', () => {
      gone.abort()
      const status = outgoing.headersSent ? outgoing.statusCode : null
      onAnswered({ request, address, method, target, status, wallMs: performance.now() - start })
    })
    exchange(fetch, request, outgoing).catch(() => outgoing.destroy())
  }
}

async function exchange(fetch: Fetch, request: Request | null, outgoing: ServerResponse): Promise<void> {
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

function acceptable(incoming: IncomingMessage, signal: AbortSignal): Request | null {
  try {
    return toRequest(incoming, signal)
  } catch {
    return null // Node's HTTP parser takes more than fetch's Request does
  }
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
