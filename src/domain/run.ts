// A run: one execution of a task on one repository at one commit, for one identity.
import { z } from 'zod'
import { Actor } from './actor.ts'
import { Digest, Mode, RunStatus, RunTrigger } from './events/fields.ts'
import { ID_PATTERN } from './ids.ts'

export const Run = z.object({
  id: z.string().regex(ID_PATTERN),
  task: z.string(),
  taskSource: z.enum(['built-in', 'repository', 'ad-hoc']),
  repository: z.string().describe('the requested repository, resolved to an absolute path or a URL'),
  ref: z
    .string()
    .nullable()
    .describe(
      'requested branch, tag or commit; null for the default branch, in a local repository the one that is checked out',
    ),
  commit: z.string().nullable().describe('null until the run is planned'),
  mode: Mode.describe('until the run is planned: the requested mode, by default read-only'),
  inputs: z.record(z.string(), z.string()),
  sandbox: z.string(),
  requester: Actor,
  request: Digest.nullable().describe('blob: the whole request; null if an older version took it'),
  plan: Digest.nullable().describe('blob: the plan of the run; null until a worker has resolved it'),
  trigger: RunTrigger,
  attempt: z.int().positive(),
  priority: z.int().describe('runs of higher priority start first'),
  cancelledBy: Actor.nullable().describe('the actor who asked it to stop'),
  status: RunStatus,
  reason: z.string().nullable(),
  createdAt: z.int().describe('milliseconds since the epoch'),
  startedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
})
export type Run = z.infer<typeof Run>

/** Allowed actions by status of a run: one table for server, command line and console. */
const ALLOWED = {
  cancel: ['queued', 'running'],
  finish: ['running'],
} as const satisfies Record<string, readonly RunStatus[]>

export function runCan(action: keyof typeof ALLOWED, status: RunStatus): boolean {
  return (ALLOWED[action] as readonly RunStatus[]).includes(status)
}

export const FINISHED: readonly RunStatus[] = [
  'succeeded',
  'failed',
  'cancelled',
  'interrupted',
  'refused',
  'invalid',
  'error',
]

/**
 * The only branch that a run may push in its quarantine. Its name is the same for every run, so that nothing inside a
 * sandbox differs between runs. It has no slash, so that a branch called `glovebox` does not conflict with it.
 */
export const PUSH_BRANCH = 'glovebox-change'

/**
 * The branch of the quarantine that shows an attempt the files of the change as they were reviewed. The attempt may read it
 * and not push it.
 */
export const START_BRANCH = 'glovebox-start'

/** The name of that branch outside: in the change, and in the forge once the change is published. */
export function runBranch(run: Pick<Run, 'task' | 'id'>): string {
  return `glovebox/${run.task}/${run.id}`
}

export const TraceSummary = z.object({
  events: z.int(),
  processes: z.int(),
  filesRead: z.int().describe('distinct paths'),
  filesWritten: z.int().describe('distinct paths'),
  requests: z.int(),
  denied: z.int(),
})
export type TraceSummary = z.infer<typeof TraceSummary>
