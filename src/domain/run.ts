// A run: one execution of a task on one repository at one commit, for one identity.
import { z } from 'zod'
import { Actor } from './actor.ts'
import { Mode, RunStatus } from './events/fields.ts'
import { ID_PATTERN } from './ids.ts'

export const Run = z.object({
  id: z.string().regex(ID_PATTERN),
  task: z.string(),
  taskSource: z.enum(['built-in', 'repository', 'ad-hoc']),
  repository: z.string().describe('as the requester gave it, resolved to an absolute path or a URL'),
  ref: z.string().nullable().describe('the branch, tag or commit id asked for; null: the default branch'),
  commit: z.string().nullable(),
  mode: Mode,
  inputs: z.record(z.string(), z.string()),
  sandbox: z.string(),
  requester: Actor,
  status: RunStatus,
  reason: z.string().nullable(),
  createdAt: z.int().describe('milliseconds since the epoch'),
  startedAt: z.int().nullable(),
  finishedAt: z.int().nullable(),
})
export type Run = z.infer<typeof Run>

/** What may be done with a run, by its status: one table for server, command line and console. */
const ALLOWED = {
  cancel: ['queued', 'running'],
  finish: ['running'],
} as const satisfies Record<string, readonly RunStatus[]>

export function runCan(action: keyof typeof ALLOWED, status: RunStatus): boolean {
  return (ALLOWED[action] as readonly RunStatus[]).includes(status)
}

export const FINISHED: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled', 'interrupted', 'refused', 'error']

/**
 * The branch that a run may push in its quarantine, and no other. It is the same for every run, so that nothing inside of a
 * sandbox tells one run from another, and it is in no folder, so that a branch called `glovebox` is not in its way.
 */
export const PUSH_BRANCH = 'glovebox-change'

/** What that branch is called outside: in the change, and in the forge when the change is published. */
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
