// Endpoints: what agents ask of people.
import { z } from 'zod'
import { Ask, AskStatus } from '../domain/ask.ts'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { Reason } from './resources.ts'
import { Limit, listOf, Reference } from './wire-values.ts'

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
      limit: Limit.optional(),
    }),
    body: null,
    answer: json(z.object({ asks: z.array(Ask) })),
  },
  allowAsk: {
    method: 'POST',
    path: '/asks/:ask/allow',
    summary: 'Let the agent do what it asks to do',
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
    summary: 'Do not let it',
    permission: 'ask.decide',
    event: 'ask.decided',
    params: OneAsk,
    query: NOTHING,
    body: Reason,
    answer: json(Ask),
  },
} as const satisfies Record<string, Endpoint>
