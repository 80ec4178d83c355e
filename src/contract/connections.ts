// Endpoints: connections.
import { z } from 'zod'
import { ConnectionDefinition } from '../domain/connections/connection.ts'
import { ModelConnection } from '../domain/connections/model-connection.ts'
import { ConnectionName } from '../domain/connections/connection-name.ts'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { PAGE, pageOf } from './wire-values.ts'

const OneConnection = z.strictObject({ connection: ConnectionName })

/** Fields shown for every connection. If a command supplies the key, only its program is named. */
const SHOWN = {
  credential: z.string().describe('where its key comes from'),
  unencrypted: z
    .boolean()
    .describe('whether the key and the requests leave this machine without TLS, readable on the network'),
  origin: z.enum(['file', 'api']).describe('file: defined in glovebox.yaml and changed only there'),
}

export const ModelConnectionInfo = z.object({ ...ModelConnection.shape, ...SHOWN })
export type ModelConnectionInfo = z.infer<typeof ModelConnectionInfo>

/** A connection as shown to callers, by kind. */
export const ConnectionInfo = z.discriminatedUnion('kind', [ModelConnectionInfo])
export type ConnectionInfo = z.infer<typeof ConnectionInfo>

export const ConnectionTestResult = z.object({
  connection: z.string(),
  outcome: z.enum(['works', 'key-refused', 'refused', 'failed', 'unreachable']),
  message: z.string(),
  cure: z.string().nullable(),
  status: z.int().nullable().describe('HTTP status of the other side; null without an answer'),
  missing: z.array(z.string()).describe('configured models that the provider does not list'),
})
export type ConnectionTestResult = z.infer<typeof ConnectionTestResult>

export const CONNECTION_ENDPOINTS = {
  listConnections: {
    method: 'GET',
    path: '/connections',
    summary: 'The connections',
    permission: 'connection.read',
    event: null,
    params: NOTHING,
    query: z.strictObject(PAGE),
    body: null,
    answer: json(pageOf('connections', ConnectionInfo)),
  },
  getConnection: {
    method: 'GET',
    path: '/connections/:connection',
    summary: 'A connection',
    permission: 'connection.read',
    event: null,
    params: OneConnection,
    query: NOTHING,
    body: null,
    answer: json(ConnectionInfo),
  },
  setConnection: {
    method: 'PUT',
    path: '/connections/:connection',
    summary: 'Create or replace a connection that needs no key or has it in the encrypted store',
    permission: 'credential.manage',
    event: 'connection.set',
    params: OneConnection,
    query: NOTHING,
    body: ConnectionDefinition,
    answer: json(ConnectionInfo),
  },
  removeConnection: {
    method: 'DELETE',
    path: '/connections/:connection',
    summary: 'Remove a connection that was created through the API',
    permission: 'credential.manage',
    event: 'connection.removed',
    params: OneConnection,
    query: NOTHING,
    body: null,
    answer: json(z.object({ removed: z.string() })),
  },
  testConnection: {
    method: 'POST',
    path: '/connections/:connection/test',
    summary: 'Try the key of a connection: a provider of models is asked for its list',
    permission: 'credential.manage',
    event: 'credential.used',
    params: OneConnection,
    query: NOTHING,
    body: null,
    answer: json(ConnectionTestResult),
  },
} as const satisfies Record<string, Endpoint>
