// What a run will do, resolved from its request before anything starts, kept as a blob and named by run.planned. Two runs
// with the same plan differ in nothing that the platform chose: it holds no id, no time and no identity.
import { z } from 'zod'
import { Budgets, ConnectionName } from './connection.ts'
import { Digest, Mode, ObjectId } from './events/fields.ts'
import { ProtectedKind } from './inspection/protected-kinds.ts'
import { ReachSet } from './reach.ts'
import { Limits } from './task/task.ts'

/** Where the run works, pinned. */
const Source = z.object({
  repository: z.string().describe('as its forge names it'),
  origin: z.string().describe('what `origin` is called inside the sandbox'),
  ref: z.string().nullable().describe('as it was asked for; null: the default branch'),
  target: z.string().describe('the branch that a change is meant for'),
  commit: ObjectId,
  time: z.int().describe('when the commit was made, as it says itself: seconds since the epoch, from 1980 to 2099'),
  base: z
    .object({ branch: z.string(), commit: ObjectId })
    .nullable()
    .describe('the default branch, where the target is another one'),
})

export const RunPlan = z.object({
  version: z.literal(1),
  source: Source,
  task: z.object({
    name: z.string(),
    source: z.enum(['built-in', 'repository', 'ad-hoc']),
    file: z.string().describe('what its text is called in messages'),
    text: Digest.describe('blob: the task as it was read'),
  }),
  argv: z.array(z.string()).nullable().describe('the command of an ad-hoc run; null: the steps of the task'),
  mode: Mode,
  inputs: z.record(z.string(), z.string()),
  limits: z.object(Limits.shape).describe('after the ceilings of the configuration'),
  agent: z
    .object({ name: z.string(), connection: ConnectionName, model: z.string() })
    .nullable()
    .describe('what agent steps ask; null: no model is connected, or no step asks an agent'),
  sandbox: z.string().describe('kind of sandbox'),
  toolchain: z.record(z.string(), z.string()).describe('name to version of what steps find in front of PATH'),
  hosts: ReachSet.describe('what the names in the `reach` of the task stand for'),
  notes: z.array(z.string()).describe('what the requester should know of how the run was set up'),
  advisories: z.string().describe('where audits are answered from'),
  policies: z.object({
    digest: Digest.describe('over the schema and all policies in force'),
    ids: z.array(z.string()),
    set: Digest.describe('blob: the policies in force and the schema, as text'),
  }),
  protectedPaths: z.array(ProtectedKind).describe('kinds of protected paths that the configuration adds'),
  budgets: Budgets,
})
export type RunPlan = z.infer<typeof RunPlan>
