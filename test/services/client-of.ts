// The typed client over services in this process. Calls pass the server's shell with all its checks, like real ones.
import { inProcessTransport } from '../../src/cli/session/in-process-transport.ts'
import type { Services } from '../../src/contract/call.ts'
import { type Client, createClient } from '../../src/contract/client.ts'
import type { Actor } from '../../src/domain/actor.ts'
import { createApp } from '../../src/server/app.ts'
import { authenticateOwner } from '../../src/server/authenticate.ts'

export function clientOf(services: Services, actor: Actor): Client {
  return createClient(inProcessTransport(createApp({ services, authenticate: authenticateOwner, version: '0' }), actor))
}
