// Transports from the command line to a server: in this process, or over the unix socket of the data folder.
import type { Hono } from 'hono'
import { Agent, fetch as undiciFetch } from 'undici'
import type { Transport, WireRequest } from '../../contract/client.ts'
import { ACTOR_HEADER, API_ROOT } from '../../contract/endpoint.ts'
import { ProblemError } from '../../contract/problem-error.ts'
import type { Actor } from '../../domain/actor.ts'

const ORIGIN = 'http://localhost'

export function inProcessTransport(app: Hono, actor: Actor): Transport {
  return async ({ method, target, headers, body, signal }) =>
    app.fetch(
      new Request(ORIGIN + target, {
        method,
        headers: { ...headers, ...identity(actor) },
        body,
        ...(signal ? { signal } : {}),
      }),
    )
}

export interface SocketTransport {
  /** Whether a server listens on the socket; an error answer counts, too. */
  answers(): Promise<boolean>
  send: Transport
  close(): Promise<void>
}

/** No timeouts between bytes: a followed run may be silent for hours, and a server that dies closes the socket. */
export function socketTransport(socketPath: string, actor: Actor): SocketTransport {
  const agent = new Agent({ connect: { socketPath, timeout: 5_000 }, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 })
  async function attempt({ method, target, headers, body, signal }: WireRequest): Promise<Response> {
    const options = {
      method,
      headers: { ...headers, ...identity(actor) },
      body,
      signal,
      dispatcher: agent,
      redirect: 'error',
    } as const
    return (await undiciFetch(ORIGIN + target, options)) as unknown as Response
  }
  return {
    async answers() {
      const response = await attempt({
        method: 'GET',
        target: `${API_ROOT}/instance`,
        headers: {},
        body: null,
        signal: null,
      }).catch(() => null)
      await response?.body?.cancel()
      return response !== null
    },
    async send(request) {
      try {
        return await attempt(request)
      } catch (error) {
        if (request.signal?.aborted === true) throw error
        throw new ProblemError({
          code: 'unavailable',
          message: 'The server that held the data folder no longer answers',
          cure: 'try again',
        })
      }
    },
    close: () => agent.destroy(),
  }
}

function identity(actor: Actor): Record<string, string> {
  return { [ACTOR_HEADER]: JSON.stringify(actor) }
}
