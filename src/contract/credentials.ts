// Endpoints: the encrypted store of credentials. Values go in and never come out.
import { z } from 'zod'
import { ConnectionName } from '../domain/connections/connection-name.ts'
import { Count } from '../domain/events/fields.ts'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { PAGE, pageOf } from './wire-values.ts'

const OneCredential = z.strictObject({ credential: ConnectionName })

export const StoredCredential = z.object({
  name: z.string(),
  createdAt: z.int(),
  updatedAt: z.int(),
  key: z.string().describe('id of the master key that seals it'),
})

export const RotatedCredentials = z.object({
  from: z.array(z.string()).describe('ids of the master keys that sealed before'),
  to: z.string(),
  credentials: Count,
})

export const CREDENTIAL_ENDPOINTS = {
  listCredentials: {
    method: 'GET',
    path: '/credentials',
    summary: 'Names of the stored credentials',
    permission: 'credential.read',
    event: null,
    params: NOTHING,
    query: z.strictObject(PAGE),
    body: null,
    answer: json(pageOf('credentials', StoredCredential)),
  },
  setCredential: {
    method: 'PUT',
    path: '/credentials/:credential',
    summary: 'Put a credential into the encrypted store, or another value in its place',
    permission: 'credential.manage',
    event: 'credential.set',
    params: OneCredential,
    query: NOTHING,
    // What is wrong with a value is for the use case to say: nothing of it may stand in an answer.
    body: z.strictObject({ value: z.string().max(100_000) }),
    answer: json(StoredCredential),
  },
  removeCredential: {
    method: 'DELETE',
    path: '/credentials/:credential',
    summary: 'Take a credential out of the encrypted store',
    permission: 'credential.manage',
    event: 'credential.removed',
    params: OneCredential,
    query: NOTHING,
    body: null,
    answer: json(z.object({ removed: z.string() })),
  },
  rotateCredentials: {
    method: 'POST',
    path: '/credentials/rotate',
    summary: 'Seal all credentials under another master key',
    permission: 'credential.manage',
    event: 'credentials.rotated',
    params: NOTHING,
    query: NOTHING,
    body: null,
    answer: json(RotatedCredentials),
  },
} as const satisfies Record<string, Endpoint>
