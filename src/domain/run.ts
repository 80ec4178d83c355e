// A run: one execution of a task on one repository at one commit, for one identity.
import { z } from 'zod'
import { Actor } from './actor.ts'
import { Digest, Mode, RunStatus } from './events/fields.ts'
import { ID_PATTERN } from './ids.ts'

/** What asked for a run. */
export const Trigger = z.enum(['manual', 'schedule', 'webhook', 'ci', 'api'])
export type Trigger = z.infer<typeof Trigger>

export const Run = z.object({
  id: z.string().regex(ID_PATTERN),
  task: z.string(),
  taskSource: z.enum(['built-in', 'repository', 'ad-hoc']),
  repository: z.string().describe('as the requester gave it, resolved to an absolute path or a URL'),
  ref: z.string().nullable().describe('the branch asked for; null: the default branch'),
  commit: z.string().nullable(),
  mode: Mode,
  inputs: z.record(z.string(), z.string()),
  sandbox: z.string(),
  requester: Actor,
  trigger: Trigger,
  plan: Digest.nullable().describe('blob of what the run will do, once that is settled'),
  attempt: z.int().positive().describe('counts from 1; a run that was lost may be tried again'),
  priority: z.int().describe('of queued runs, those with a greater number start first'),
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

/** The branch that a run may push, and no other. */
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
