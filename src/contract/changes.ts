// Endpoints: changes, and people's decisions on them.
import { z } from 'zod'
import { Change } from '../domain/change.ts'
import { Run } from '../domain/run.ts'
import { created, type Endpoint, json, NOTHING } from './endpoint.ts'
import { ChangeDetail, Decide, RetryChange } from './resources.ts'
import { PAGE, pageOf, Reference } from './wire-values.ts'

const OneChange = z.strictObject({ change: Reference })

export const CHANGE_ENDPOINTS = {
  listChanges: {
    method: 'GET',
    path: '/changes',
    summary: 'Changes, newest first',
    permission: 'change.read',
    event: null,
    params: NOTHING,
    query: z.strictObject(PAGE),
    body: null,
    answer: json(pageOf('changes', Change)),
  },
  getChange: {
    method: 'GET',
    path: '/changes/:change',
    summary: 'A change with the conditions of its gate',
    permission: 'change.read',
    event: null,
    params: OneChange,
    query: NOTHING,
    body: null,
    answer: json(ChangeDetail),
  },
  readDiff: {
    method: 'GET',
    path: '/changes/:change/diff',
    summary: 'The unified diff of a change',
    permission: 'change.read',
    event: null,
    params: OneChange,
    query: NOTHING,
    body: null,
    answer: { kind: 'bytes', type: 'text/x-diff' },
  },
  approveChange: {
    method: 'POST',
    path: '/changes/:change/approve',
    summary: 'Approve the current commit of a change',
    permission: 'change.approve',
    event: 'change.decided',
    params: OneChange,
    query: NOTHING,
    body: Decide,
    answer: json(ChangeDetail),
  },
  rejectChange: {
    method: 'POST',
    path: '/changes/:change/reject',
    summary: 'Reject a change',
    permission: 'change.reject',
    event: 'change.decided',
    params: OneChange,
    query: NOTHING,
    body: Decide,
    answer: json(ChangeDetail),
  },
  retryChange: {
    method: 'POST',
    path: '/changes/:change/attempts',
    summary: 'Run the task of a change again, on the files of its current commit and with review comments',
    permission: 'run.start',
    event: 'run.requested',
    params: OneChange,
    query: NOTHING,
    body: RetryChange,
    answer: created(Run),
  },
  publishChange: {
    method: 'POST',
    path: '/changes/:change/publish',
    summary: 'Push a change to the forge as a new branch, if its gate is open',
    permission: 'change.publish',
    event: 'change.published',
    params: OneChange,
    query: NOTHING,
    body: null,
    answer: json(ChangeDetail),
  },
  mergeChange: {
    method: 'POST',
    path: '/changes/:change/merge',
    summary: 'Merge a change into its target branch, if its gate is open',
    permission: 'change.merge',
    event: 'change.merged',
    params: OneChange,
    query: NOTHING,
    body: null,
    answer: json(ChangeDetail),
  },
} as const satisfies Record<string, Endpoint>
