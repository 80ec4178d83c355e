// The transport from the command line to a server in this process.
import type { Hono } from 'hono'
import type { Transport } from '../../contract/client.ts'
import { ACTOR_HEADER } from '../../contract/endpoint.ts'
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

function identity(actor: Actor): Record<string, string> {
  return { [ACTOR_HEADER]: JSON.stringify(actor) }
}
