// Endpoints: permission requests of agents to people.
import { z } from 'zod'
import { Ask, AskStatus } from '../domain/ask.ts'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { Reason } from './resources.ts'
import { listOf, PAGE, pageOf, Reference } from './wire-values.ts'

const OneAsk = z.strictObject({ ask: Reference })

export const ASK_ENDPOINTS = {
  listAsks: {
    method: 'GET',
    path: '/asks',
    summary: 'Permission requests of agents that were put to a person, newest first',
    permission: 'run.read',
    event: null,
    params: NOTHING,
    query: z.strictObject({
      status: listOf(AskStatus).optional(),
      run: Reference.optional(),
      ...PAGE,
    }),
    body: null,
    answer: json(pageOf('asks', Ask)),
  },
  getAsk: {
    method: 'GET',
    path: '/asks/:ask',
    summary: 'A permission request',
    permission: 'run.read',
    event: null,
    params: OneAsk,
    query: NOTHING,
    body: null,
    answer: json(Ask),
  },
  readAskInput: {
    method: 'GET',
    path: '/asks/:ask/input',
    summary:
      'The whole input of the tool call that the request is about, as JSON that the agent wrote; not-found if it gave none',
    permission: 'run.read',
    event: null,
    params: OneAsk,
    query: NOTHING,
    body: null,
    answer: { kind: 'bytes', type: 'application/octet-stream' },
  },
  allowAsk: {
    method: 'POST',
    path: '/asks/:ask/allow',
    summary: 'Allow the request',
    permission: 'ask.decide',
    event: 'ask.decided',
    params: OneAsk,
    query: NOTHING,
    body: Reason,
    answer: json(Ask),
  },
  denyAsk: {
    method: 'POST',
    path: '/asks/:ask/deny',
    summary: 'Deny the request',
    permission: 'ask.decide',
    event: 'ask.decided',
    params: OneAsk,
    query: NOTHING,
    body: Reason,
    answer: json(Ask),
  },
} as const satisfies Record<string, Endpoint>
