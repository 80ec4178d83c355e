// Endpoints: the instance itself.
import { z } from 'zod'
import { EVENT_KINDS, type EventKind } from '../domain/event.ts'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { Health, Instance } from './resources.ts'
import { Flag, Limit, listOf, Position } from './wire-values.ts'

const Kind = z.enum(EVENT_KINDS as [EventKind, ...EventKind[]])

export const INSTANCE_ENDPOINTS = {
  readLog: {
    method: 'GET',
    path: '/log',
    summary: 'The events of the whole instance in log order; with `follow` the stream stays open for new ones',
    permission: 'audit.read',
    event: null,
    params: NOTHING,
    query: z.strictObject({
      after: Position.optional(),
      kind: listOf(Kind).optional(),
      limit: Limit.optional(),
      follow: Flag.optional(),
    }),
    body: null,
    answer: { kind: 'log' },
  },
  getInstance: {
    method: 'GET',
    path: '/instance',
    summary: 'Version, data folder and sandbox kinds of this instance',
    permission: 'instance.read',
    event: null,
    params: NOTHING,
    query: NOTHING,
    body: null,
    answer: json(Instance),
  },
  getHealth: {
    method: 'GET',
    path: '/health',
    summary: 'Checks of the requirements on the machine',
    permission: 'instance.read',
    event: null,
    params: NOTHING,
    query: NOTHING,
    body: null,
    answer: json(Health),
  },
} as const satisfies Record<string, Endpoint>
