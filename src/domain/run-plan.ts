// The plan of a run, resolved from its request before anything starts. It is kept as a blob and named by run.planned.
// It contains no id, time or identity: two runs with the same plan differ in nothing that the platform chose.
import { z } from 'zod'
import { Budgets } from './budget.ts'
import { ConnectionName } from './connections/connection-name.ts'
import { Digest, Mode, ObjectId } from './events/fields.ts'
import { ProtectedKind } from './inspection/protected-kinds.ts'
import { ReachSet } from './reach.ts'
import { BUILT_IN_TOOLCHAIN, Limits } from './task/task.ts'

/** The repository at a pinned commit. */
const Source = z.object({
  repository: z.string().describe("the forge's name of the repository"),
  origin: z.string().describe('URL of `origin` inside the sandbox'),
  ref: z.string().nullable().describe('the requested ref; null for the default branch'),
  target: z.string().describe('the branch that a change should be merged into'),
  commit: ObjectId,
  time: z.int().describe('committer date of the commit: seconds since the epoch, limited to the years 1980 to 2099'),
  base: z
    .object({ branch: z.string(), commit: ObjectId })
    .nullable()
    .describe('the default branch, if the target is another branch'),
})

export const RunPlan = z.object({
  version: z.literal(1),
  source: Source,
  task: z.object({
    name: z.string(),
    source: z.enum(['built-in', 'repository', 'ad-hoc']),
    file: z.string().describe('name of the task file in messages'),
    text: Digest.describe('blob: the text of the task'),
  }),
  argv: z.array(z.string()).nullable().describe('the command of an ad-hoc run; null for the steps of the task'),
  mode: Mode,
  inputs: z.record(z.string(), z.string()),
  limits: z.object(Limits.shape).describe('the effective limits, after the ceilings of the configuration'),
  agent: z
    .object({ name: z.string(), connection: ConnectionName, model: z.string() })
    .nullable()
    .describe('agent and model of agent steps; null if no model is connected or no step uses an agent'),
  sandbox: z.string().describe('kind of sandbox'),
  toolchainName: z
    .string()
    .default(BUILT_IN_TOOLCHAIN)
    .describe('`built-in`, `system` or a name from the configuration'),
  toolchain: z.record(z.string(), z.string()).describe('name to version of the tools that steps find first on PATH'),
  reach: z.array(z.string()).default([]).describe('the names in the `reach` of the task'),
  hosts: ReachSet.describe('the hosts for the names in the `reach` of the task'),
  notes: z.array(z.string()).describe('remarks for the requester on the setup of the run'),
  advisories: z.string().describe('the source of advisories for audits'),
  policies: z.object({
    digest: Digest.describe('digest over the schema and all policies in force'),
    ids: z.array(z.string()),
    set: Digest.describe('blob: the policies in force and the schema, as text'),
  }),
  protectedPaths: z.array(ProtectedKind).describe('kinds of protected paths that the configuration adds'),
  budgets: Budgets,
  start: z
    .object({
      commit: ObjectId,
      pack: Digest.describe('blob: the commit as a git pack, on top of the commit of `source`'),
      review: Digest.describe('blob: review comments for the agent, as text'),
    })
    .nullable()
    .default(null)
    .describe('the reviewed commit whose files the steps start with; null: they start with those of `source`'),
})
export type RunPlan = z.infer<typeof RunPlan>
