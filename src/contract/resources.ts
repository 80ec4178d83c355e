// What crosses the wire besides the domain's own Run, Change and Event.
import { z } from 'zod'
import { AdvisoryReport, Change } from '../domain/change.ts'
import { Count, Digest, Mode, RunStatus } from '../domain/events/fields.ts'
import { GateCondition } from '../domain/gate.ts'
import { Run, TraceSummary } from '../domain/run.ts'

const Name = z.string().min(1).max(200)

/** One command, given by its argv, or a task by its name. */
export const Work = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('task'),
    name: Name,
    inputs: z.record(z.string().max(100), z.string().max(65_536)).default({}),
  }),
  z.strictObject({ kind: z.literal('command'), argv: z.array(z.string().max(65_536)).min(1).max(1000) }),
])
export type Work = z.infer<typeof Work>

export const StartRun = z.strictObject({
  work: Work,
  repository: z.string().min(1).max(4096).describe("an absolute path on the server's machine, or a URL"),
  ref: Name.nullable().default(null).describe('branch, tag or commit id; null: the default branch'),
  mode: Mode.nullable().default(null).describe('null: what the task says; read-only for a command'),
  sandbox: Name.nullable().default(null).describe('kind of sandbox; null: as configured'),
  advisories: z
    .string()
    .min(1)
    .max(4096)
    .nullable()
    .default(null)
    .describe(
      "an absolute path on the server's machine: a folder of OSV records to answer audits from; null: as configured",
    ),
  agent: z
    .strictObject({
      name: Name.nullable().default(null).describe('what `agent: default` of a task stands for'),
      connection: Name.nullable().default(null),
      model: z.string().min(1).max(200).nullable().default(null),
    })
    .prefault({})
    .describe('for steps that ask an agent; null: as configured'),
})
export type StartRun = z.infer<typeof StartRun>

export const ArtifactInfo = z.object({ name: z.string(), digest: Digest, bytes: Count })
export type ArtifactInfo = z.infer<typeof ArtifactInfo>

export const ChangeDetail = z.object({
  change: Change,
  gate: z.array(GateCondition).describe('every condition, met or not, as of now'),
  runStatus: RunStatus,
  advisories: AdvisoryReport.nullable().describe('null when the task reports none'),
})
export type ChangeDetail = z.infer<typeof ChangeDetail>

export const RunDetail = z.object({
  run: Run,
  trace: TraceSummary,
  change: ChangeDetail.nullable(),
  advisories: AdvisoryReport.nullable().describe('null when the task reports none'),
  artifacts: z.array(ArtifactInfo),
})
export type RunDetail = z.infer<typeof RunDetail>

export const Reason = z.strictObject({ reason: z.string().max(4000).nullable().default(null) })
export type Reason = z.infer<typeof Reason>

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
  steps: z.array(z.string()).describe('their names'),
})
export type TaskSummary = z.infer<typeof TaskSummary>

export const TaskDetail = TaskSummary.extend({ text: z.string().describe('the task file as it is') })
export type TaskDetail = z.infer<typeof TaskDetail>

/** A file that someone wants to know about before it is used. */
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
  description: z.string().describe('the comment that heads the file'),
  text: z.string(),
})
export type PolicyInfo = z.infer<typeof PolicyInfo>

export const PolicyList = z.object({ digest: Digest, policies: z.array(PolicyInfo) })
export type PolicyList = z.infer<typeof PolicyList>

/** One thing that the machine must have. */
export const Probe = z.object({ name: z.string(), found: z.boolean(), detail: z.string(), cure: z.string().nullable() })
export type Probe = z.infer<typeof Probe>

export const Health = z.object({ healthy: z.boolean(), probes: z.array(Probe) })
export type Health = z.infer<typeof Health>

export const Instance = z.object({
  version: z.string(),
  dataFolder: z.string(),
  pid: z.int(),
  sandboxes: z.array(z.string()).describe('kinds of sandbox that it knows'),
})
export type Instance = z.infer<typeof Instance>
