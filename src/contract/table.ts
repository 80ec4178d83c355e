// The contract: a table with one row per endpoint.
import { ASK_ENDPOINTS } from './asks.ts'
import { CHANGE_ENDPOINTS } from './changes.ts'
import { CONNECTION_ENDPOINTS } from './connections.ts'
import { CREDENTIAL_ENDPOINTS } from './credentials.ts'
import type { Endpoint } from './endpoint.ts'
import { INSTANCE_ENDPOINTS } from './instance.ts'
import { POLICY_ENDPOINTS } from './policies.ts'
import { RETENTION_ENDPOINTS } from './retention.ts'
import { RUN_ENDPOINTS } from './runs.ts'
import { TASK_ENDPOINTS } from './tasks.ts'

export const ENDPOINTS = {
  ...RUN_ENDPOINTS,
  ...RETENTION_ENDPOINTS,
  ...ASK_ENDPOINTS,
  ...CHANGE_ENDPOINTS,
  ...TASK_ENDPOINTS,
  ...POLICY_ENDPOINTS,
  ...CONNECTION_ENDPOINTS,
  ...CREDENTIAL_ENDPOINTS,
  ...INSTANCE_ENDPOINTS,
} as const satisfies Record<string, Endpoint>

export type Endpoints = typeof ENDPOINTS
export type EndpointName = keyof Endpoints
export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as readonly EndpointName[]
