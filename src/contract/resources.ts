// The resources of the API, besides the domain's own Run, Change and Event.
import { z } from 'zod'
import { AdvisoryReport, Change } from '../domain/change.ts'
import { Count, Digest, Mode, RunStatus } from '../domain/events/fields.ts'
import { GateCondition } from '../domain/gate.ts'
import { ID_PATTERN } from '../domain/ids.ts'
import { RunRequest } from '../domain/run-request.ts'
import { Run, TraceSummary } from '../domain/run.ts'
import { pageOf } from './wire-values.ts'

export const StartRun = RunRequest.omit({ repeats: true, attempt: true })
export type StartRun = z.infer<typeof StartRun>

export const RerunRun = z.strictObject({
  sameCommit: z
    .boolean()
    .default(false)
    .describe('work on the commit of the earlier run, instead of on the present commit of its ref'),
  idempotencyKey: RunRequest.shape.idempotencyKey,
})

export const ArtifactInfo = z.object({ name: z.string(), digest: Digest, bytes: Count })
export type ArtifactInfo = z.infer<typeof ArtifactInfo>

export const AttemptDetail = z.object({
  run: z.string().regex(ID_PATTERN),
  status: RunStatus,
  reason: z.string().nullable().describe('why the run ended as it did'),
  comments: z.string().nullable().describe('the review comments that it got; null for the first attempt'),
})

export const ChangeDetail = z.object({
  change: Change,
  gate: z.array(GateCondition).describe('all conditions, met or not, at the time of the answer'),
  runStatus: RunStatus,
  attempts: z.array(AttemptDetail).describe('the runs of the attempts at the change, oldest first'),
  advisories: AdvisoryReport.nullable().describe('null if the task reports none'),
})
export type ChangeDetail = z.infer<typeof ChangeDetail>

export const RunDetail = z.object({
  run: Run,
  trace: TraceSummary,
  change: ChangeDetail.nullable(),
  advisories: AdvisoryReport.nullable().describe('null if the task reports none'),
  artifacts: z.array(ArtifactInfo),
})
export type RunDetail = z.infer<typeof RunDetail>

export const Reason = z.strictObject({ reason: z.string().max(4000).nullable().default(null) })
export type Reason = z.infer<typeof Reason>

export const Decide = Reason.extend({
  commit: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/, 'the id of a commit, or its first 7 or more digits')
    .nullable()
    .default(null)
    .describe(
      'the commit that the person read; needed to approve a change with several attempts, and else checked if it is given',
    ),
})
export type Decide = z.infer<typeof Decide>

export const RetryChange = z.strictObject({
  comment: z
    .string()
    .max(16_000)
    .nullable()
    .default(null)
    .describe(
      'what the next attempt should do better; reasons of rejections of the current commit are included anyway',
    ),
})
export type RetryChange = z.infer<typeof RetryChange>

export const TaskSummary = z.object({
  name: z.string(),
  description: z.string(),
  mode: Mode,
  source: z.enum(['built-in', 'repository']),
  inputs: z.record(
    z.string(),
    z.object({ description: z.string(), default: z.string().nullable(), required: z.boolean() }),
  ),
  reach: z.array(z.string()),
  steps: z.array(z.string()).describe('names of the steps'),
})
export type TaskSummary = z.infer<typeof TaskSummary>

export const TaskDetail = TaskSummary.extend({ text: z.string().describe('the text of the task file') })
export type TaskDetail = z.infer<typeof TaskDetail>

/** A task or policy file to check before use. */
export const SourceFile = z.strictObject({ name: z.string().min(1).max(4096), text: z.string().max(256 * 1024) })
export type SourceFile = z.infer<typeof SourceFile>

export const SourceProblem = z.object({
  line: z.int().positive().nullable(),
  column: z.int().positive().nullable(),
  message: z.string(),
  cure: z.string().nullable(),
})
export type SourceProblem = z.infer<typeof SourceProblem>

export const CheckResult = z.object({ valid: z.boolean(), problems: z.array(SourceProblem) })
export type CheckResult = z.infer<typeof CheckResult>

export const PolicyInfo = z.object({
  id: z.string(),
  file: z.string(),
  enabled: z.boolean(),
  description: z.string().describe('the comment above the policy, else the first comment of the file'),
  text: z.string(),
})
export type PolicyInfo = z.infer<typeof PolicyInfo>

export const PolicyList = pageOf('policies', PolicyInfo).extend({ digest: Digest })
export type PolicyList = z.infer<typeof PolicyList>

/** One requirement on the machine. */
export const Probe = z.object({
  name: z.string(),
  found: z.boolean(),
  detail: z.string(),
  cure: z.string().nullable(),
  weak: z.boolean().exactOptional().describe('runs work, but a limit is missing or weaker than it could be'),
})
export type Probe = z.infer<typeof Probe>

export const Health = z.object({ healthy: z.boolean(), probes: z.array(Probe) })
export type Health = z.infer<typeof Health>

export const Instance = z.object({
  version: z.string(),
  dataFolder: z.string(),
  pid: z.int(),
  sandboxes: z.array(z.string()).describe('known kinds of sandbox'),
})
export type Instance = z.infer<typeof Instance>
