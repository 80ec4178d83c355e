// Endpoints: the encrypted store of credentials. Values can be written but never read.
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
  key: z.string().describe('id of the master key that encrypts it'),
})

export const RotatedCredentials = z.object({
  from: z.array(z.string()).describe('ids of the master keys that encrypted them before'),
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
    summary: 'Store a credential encrypted, or replace its value',
    permission: 'credential.manage',
    event: 'credential.set',
    params: OneCredential,
    query: NOTHING,
    // The use case validates the value further: an error of the schema could quote the secret in the answer.
    body: z.strictObject({ value: z.string().max(100_000) }),
    answer: json(StoredCredential),
  },
  removeCredential: {
    method: 'DELETE',
    path: '/credentials/:credential',
    summary: 'Remove a credential from the encrypted store',
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
    summary: 'Encrypt all credentials with a new master key',
    permission: 'credential.manage',
    event: 'credentials.rotated',
    params: NOTHING,
    query: NOTHING,
    body: null,
    answer: json(RotatedCredentials),
  },
} as const satisfies Record<string, Endpoint>
