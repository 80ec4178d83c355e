// Endpoints: removal of the bulky contents of old runs.
import { z } from 'zod'
import { Count } from '../domain/events/fields.ts'
import { created, type Endpoint, json, NOTHING } from './endpoint.ts'
import { Natural, Position } from './wire-values.ts'

const BEFORE = 'only runs that ended before this time, in milliseconds since the epoch; at least a day ago'
const KEEP = 'how many of the newest runs keep their contents in any case'

export const Pruning = z.object({
  runs: z.array(
    z.object({
      run: z.string(),
      task: z.string(),
      finishedAt: z.int(),
      blobs: Count.describe('number of blobs: output, artifacts, diffs, packs, bodies of requests'),
      bytes: Count.describe('bytes of these blobs and of the quarantine repository'),
    }),
  ),
  blobs: Count,
  bytes: Count,
  openChanges: z.array(z.string()).describe('changes that are not merged or rejected: their runs keep everything'),
})
export type Pruning = z.infer<typeof Pruning>

export const RETENTION_ENDPOINTS = {
  previewPruning: {
    method: 'GET',
    path: '/retention',
    summary: 'Show which contents of old runs would be removed',
    permission: 'run.prune',
    event: null,
    params: NOTHING,
    query: z.strictObject({ before: Position.describe(BEFORE), keep: Natural.describe(KEEP).optional() }),
    body: null,
    answer: json(Pruning),
  },
  pruneRuns: {
    method: 'POST',
    path: '/retention',
    summary: 'Remove output, artifacts, diffs, packs and bodies of old runs; events, requests and plans stay',
    permission: 'run.prune',
    event: 'run.pruned',
    params: NOTHING,
    query: NOTHING,
    body: z.strictObject({
      before: z.int().nonnegative().describe(BEFORE),
      keep: z.int().nonnegative().default(0).describe(KEEP),
    }),
    answer: created(Pruning),
  },
} as const satisfies Record<string, Endpoint>
