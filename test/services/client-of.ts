// The typed client over services in this process. Calls pass the server's shell with all its checks, like real ones.
import type { Services } from '../../src/contract/call.ts'
import { type Client, createClient } from '../../src/contract/client.ts'
import { ACTOR_HEADER } from '../../src/contract/endpoint.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { createApp } from '../../src/server/app.ts'
import { authenticateOwner } from '../../src/server/authenticate.ts'

export function clientOf(services: Services, actor: Actor): Client {
  const app = createApp({ services, authenticate: authenticateOwner, version: '0' })
  return createClient(async ({ method, target, headers, body, signal }) =>
    app.fetch(
      new Request(`http://localhost${target}`, {
        method,
        headers: { ...headers, [ACTOR_HEADER]: JSON.stringify(actor) },
        body,
        ...(signal ? { signal } : {}),
      }),
    ),
  )
}
