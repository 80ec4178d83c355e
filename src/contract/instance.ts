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
    summary: 'The events of the whole instance in the order of the log; with `follow`, without an end',
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
    summary: 'Who answers here',
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
    summary: 'What the machine has and what it lacks',
    permission: 'instance.read',
    event: null,
    params: NOTHING,
    query: NOTHING,
    body: null,
    answer: json(Health),
  },
} as const satisfies Record<string, Endpoint>
