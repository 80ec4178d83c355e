// Endpoints: runs, their events, output and artifacts.
import { z } from 'zod'
import { EVENT_KINDS, type EventKind } from '../domain/event.ts'
import { RunStatus } from '../domain/events/fields.ts'
import { Run } from '../domain/run.ts'
import { SaidDid } from '../domain/said-did/types.ts'
import { created, type Endpoint, json, NOTHING } from './endpoint.ts'
import { RerunRun, RunDetail, StartRun } from './resources.ts'
import { Flag, Limit, listOf, Natural, PAGE, pageOf, Reference } from './wire-values.ts'

const OneRun = z.strictObject({ run: Reference })
const Kind = z.enum(EVENT_KINDS as [EventKind, ...EventKind[]])

export const RUN_ENDPOINTS = {
  startRun: {
    method: 'POST',
    path: '/runs',
    summary: 'Request a run; it is queued and executed by the server',
    permission: 'run.start',
    event: 'run.requested',
    params: NOTHING,
    query: NOTHING,
    body: StartRun,
    answer: created(Run),
  },
  rerunRun: {
    method: 'POST',
    path: '/runs/:run/rerun',
    summary: 'Request a run again: the same task, inputs, agent, model, repository and ref',
    permission: 'run.start',
    event: 'run.requested',
    params: OneRun,
    query: NOTHING,
    body: RerunRun,
    answer: created(Run),
  },
  listRuns: {
    method: 'GET',
    path: '/runs',
    summary: 'Runs, newest first',
    permission: 'run.read',
    event: null,
    params: NOTHING,
    query: z.strictObject({ status: listOf(RunStatus).optional(), ...PAGE }),
    body: null,
    answer: json(pageOf('runs', Run)),
  },
  getRun: {
    method: 'GET',
    path: '/runs/:run',
    summary: 'A run with its change, the counts of its trace and its artifacts',
    permission: 'run.read',
    event: null,
    params: OneRun,
    query: NOTHING,
    body: null,
    answer: json(RunDetail),
  },
  cancelRun: {
    method: 'POST',
    path: '/runs/:run/cancel',
    summary: 'Ask a run to stop',
    permission: 'run.cancel',
    event: 'run.finished',
    params: OneRun,
    query: NOTHING,
    body: null,
    answer: json(Run),
  },
  readEvents: {
    method: 'GET',
    path: '/runs/:run/events',
    summary: 'The events of a run, in order; with `follow` the stream stays open until the run is finished',
    permission: 'run.read',
    event: null,
    params: OneRun,
    query: z.strictObject({ after: Natural.optional(), kind: listOf(Kind).optional(), follow: Flag.optional() }),
    body: null,
    answer: { kind: 'events' },
  },
  readSaidDid: {
    method: 'GET',
    path: '/runs/:run/said-did',
    summary:
      "The agents' statements compared with the recorded actions of a run; at most `limit` rows of each class in each list",
    permission: 'run.read',
    event: null,
    params: OneRun,
    query: z.strictObject({ limit: Limit.optional() }),
    body: null,
    answer: json(SaidDid),
  },
  readOutput: {
    method: 'GET',
    path: '/runs/:run/steps/:step/output',
    summary:
      'The output of a step, byte for byte. Of output over the limit only both ends are kept: a line marks the omitted middle (`step.finished` says how much), and `part` selects the end before it (`head`) or after it (`tail`). With `follow`, the output of a step at work is answered as it is written',
    permission: 'run.read',
    event: null,
    params: z.strictObject({ run: Reference, step: Natural }),
    query: z.strictObject({
      stream: z.enum(['stdout', 'stderr']).optional(),
      part: z.enum(['all', 'head', 'tail']).optional(),
      follow: Flag.optional(),
    }),
    body: null,
    answer: { kind: 'bytes', type: 'application/octet-stream' },
  },
  readArtifact: {
    method: 'GET',
    path: '/runs/:run/artifacts/:name',
    summary: 'An artifact: a file that the run produced as a result',
    permission: 'run.read',
    event: null,
    params: z.strictObject({ run: Reference, name: z.string().min(1).max(200) }),
    query: NOTHING,
    body: null,
    answer: { kind: 'bytes', type: 'application/octet-stream' },
  },
} as const satisfies Record<string, Endpoint>
