import type { CONNECTION_ENDPOINTS } from '../contract/connections.ts'
import type { Handlers } from './handler.ts'

export const CONNECTION_HANDLERS: Handlers<keyof typeof CONNECTION_ENDPOINTS> = {
  async listConnections({ services, actor }) {
    return { connections: [...(await services.listConnections(actor))] }
  },
  getConnection: ({ services, actor, params }) => services.getConnection(actor, params.connection),
  setConnection: ({ services, actor, params, body }) =>
    services.setConnection(actor, { name: params.connection, ...body }),
  async removeConnection({ services, actor, params }) {
    await services.removeConnection(actor, params.connection)
    return { removed: params.connection }
  },
  testConnection: ({ services, actor, params, signal }) => services.testConnection(actor, params.connection, signal),
}
