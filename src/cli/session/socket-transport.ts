// The transport from the command line to a server on the unix socket of the data folder. It uses Node's own HTTP client,
// because fetch and undici take longer to load than most commands take to execute.
import { type IncomingMessage, request as httpRequest } from 'node:http'
import type { HttpRequest, Transport, WireResponse } from '../../contract/client.ts'
import { ACTOR_HEADER, API_ROOT } from '../../contract/endpoint.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import type { Actor } from '../../domain/actor.ts'
import { own } from '../../domain/own.ts'

export interface SocketTransport {
  /** Whether a server listens on the socket; an error answer counts, too. */
  answers(): Promise<boolean>
  send: Transport
  /** Ends the connections of calls that still run. */
  close(): void
}

/**
 * Each call has a connection of its own. No timeouts between bytes: a followed run may be silent for hours, and a server
 * that dies closes the socket.
 */
export function socketTransport(socketPath: string, actor: Actor): SocketTransport {
  const closing = new AbortController()

  function attempt({ method, target, headers, body, signal }: HttpRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = httpRequest({
        socketPath,
        agent: false,
        method,
        path: target,
        headers: { ...headers, [ACTOR_HEADER]: JSON.stringify(actor) },
        signal: signal === null ? closing.signal : AbortSignal.any([signal, closing.signal]),
      })
      asked.once('response', resolve)
      asked.on('error', reject)
      asked.end(body ?? undefined)
    })
  }

  return {
    async answers() {
      const target = `${API_ROOT}/instance`
      const response = await attempt({ method: 'GET', target, headers: {}, body: null, signal: null }).catch(() => null)
      response?.destroy()
      return response !== null
    },
    async send(request) {
      try {
        return wireResponse(await attempt(request))
      } catch (error) {
        if (request.signal?.aborted === true) throw error
        throw new ProblemError({
          code: 'unavailable',
          message: 'The server that held the data folder no longer answers',
          cure: 'try again',
        })
      }
    },
    close: () => closing.abort(),
  }
}

function wireResponse(message: IncomingMessage): WireResponse {
  return {
    status: message.statusCode ?? 0,
    headers: {
      get: (name) => {
        const value = own(message.headers, name)
        return typeof value === 'string' ? value : null
      },
    },
    body: message,
    async json() {
      const chunks: Uint8Array[] = []
      for await (const chunk of message as AsyncIterable<Uint8Array>) chunks.push(chunk)
      return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)))
    },
  }
}
