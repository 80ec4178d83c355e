// Endpoints: the instance itself.
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { Health, Instance } from './resources.ts'

export const INSTANCE_ENDPOINTS = {
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
