// Endpoints: policies.
import { z } from 'zod'
import { type Endpoint, json, NOTHING } from './endpoint.ts'
import { CheckResult, PolicyList, SourceFile } from './resources.ts'
import { PAGE } from './wire-values.ts'

export const POLICY_ENDPOINTS = {
  listPolicies: {
    method: 'GET',
    path: '/policies',
    summary: 'All policies, and which of them are in force',
    permission: 'policy.read',
    event: null,
    params: NOTHING,
    query: z.strictObject(PAGE),
    body: null,
    answer: json(PolicyList),
  },
  checkPolicy: {
    method: 'POST',
    path: '/check/policy',
    summary: 'Check a policy file and list its problems; nothing is stored',
    permission: 'policy.read',
    event: null,
    params: NOTHING,
    query: NOTHING,
    body: SourceFile,
    answer: json(CheckResult),
  },
} as const satisfies Record<string, Endpoint>
