// What Glovebox itself did. `source` is `platform`.
import { z } from 'zod'
import { ByteText } from '../byte-text.ts'
import { Count, Digest, Mode, ObjectId, RunStatus, RunTrigger } from './fields.ts'

const RunRequested = z
  .object({
    task: z.string(),
    repository: z.string(),
    ref: z.string().nullable(),
    mode: Mode.nullable().describe('as asked; null: what the task says'),
    trigger: RunTrigger,
    request: Digest.describe('blob: the whole request'),
  })
  .describe('Someone asked for a run; it waits in the queue')

const RunClaimed = z
  .object({
    worker: z.string().describe('which worker took it'),
    generation: z.int().positive().describe('counts the claims of this run; a worker with an older one is refused'),
    attempt: z.int().positive(),
  })
  .describe('A worker took the run from the queue; it is running')

const RunPlanned = z
  .object({
    plan: Digest.describe('blob: all that the run will do, resolved'),
    commit: ObjectId.describe('the commit that the run works on'),
    target: z.string().describe('the branch that a change is meant for'),
    task: z.string(),
    taskSource: z.enum(['built-in', 'repository', 'ad-hoc']),
    taskText: Digest.describe('blob: the task as it was read'),
    mode: Mode,
    sandbox: z.string(),
    toolchain: z.record(z.string(), z.string()).describe('name to version of what steps find in front of PATH'),
    notes: z.array(z.string()).describe('what the requester should know of how the run was set up'),
    policyDigest: Digest.describe('digest over the policy set in force'),
    policySet: Digest.describe('blob: the policies in force and the schema, as text'),
  })
  .describe('The inputs of the run are resolved and pinned')

const RunCancelRequested = z.object({}).describe('Someone asked the run to stop')

const RunFinished = z
  .object({
    status: RunStatus,
    reason: z.string().nullable(),
    wallMs: z.number().nonnegative(),
  })
  .describe('The run ended; its record is complete')

const StageStarted = z.object({ stage: z.string() }).describe('The runner entered a stage of the way of a run')

const SandboxStarted = z
  .object({
    kind: z.string(),
    hostUid: z.int().nonnegative().describe('user id of the sandboxed processes on the host, never 0'),
    image: z
      .string()
      .nullable()
      .default(null)
      .describe('digest of the image that its root is made of; null: the files of the host'),
    guestVersion: z.string(),
    isolation: z
      .array(z.object({ check: z.string(), passed: z.boolean(), detail: z.string() }))
      .describe('the self-test before any step'),
  })
  .describe('A sandbox is up and its isolation was checked')

const SandboxEnded = z
  .object({
    reason: z.string(),
    wallMs: z.number().nonnegative(),
  })
  .describe('The sandbox is gone')

const StepStarted = z
  .object({
    step: z.int().nonnegative(),
    name: z.string(),
    argv: z.array(ByteText),
    workingDirectory: z.string(),
  })
  .describe('A step of the task began')

const OutputCut = z
  .object({
    omitted: Count.describe('bytes that were not kept'),
    tail: Digest.nullable().describe('the bytes after them, up to the end'),
  })
  .nullable()
  .default(null)

const StepFinished = z
  .object({
    step: z.int().nonnegative(),
    name: z.string(),
    outcome: z.enum(['succeeded', 'failed', 'skipped', 'timed-out', 'cancelled']),
    code: z.int().nullable(),
    signal: z.int().nullable(),
    wallMs: z.number().nonnegative(),
    stdout: Digest.nullable(),
    stderr: Digest.nullable(),
    stdoutBytes: Count.describe('bytes that the step wrote, kept or not'),
    stderrBytes: Count,
    outputOmitted: Count.describe('bytes of both streams that were not kept'),
    stdoutCut: OutputCut.describe(
      'what is missing behind `stdout`, where the step wrote more than its limit; null: nothing',
    ),
    stderrCut: OutputCut.describe('the same for `stderr`'),
    note: z.string().optional(),
  })
  .describe('A step ended; its output is kept as blobs')

const ArtifactStored = z
  .object({
    name: z.string(),
    digest: Digest,
    bytes: Count,
  })
  .describe('A file that a step left as a result was taken out through the guest')

const ChangeProposed = z
  .object({
    change: z.string(),
    branch: z.string(),
    target: z.string(),
    base: ObjectId,
    commit: ObjectId,
    title: z.string(),
    files: Count,
    insertions: Count,
    deletions: Count,
    diff: Digest,
    pack: Digest.describe('blob: the commits as a git pack, on top of base'),
    protectedPaths: z.array(ByteText),
    protectedPathsOmitted: Count.default(0).describe('protected paths that are not listed here'),
    findings: z.array(z.string()).describe('what inspection found that a reviewer should know'),
    findingsOmitted: Count.default(0).describe('findings that are not listed here'),
    inspection: Digest.nullable()
      .default(null)
      .describe('blob: all protected paths, findings and checks as JSON; null: inspected by an older version'),
  })
  .describe('Commits in quarantine were inspected and put to the gate')

const ChangeDecided = z
  .object({
    change: z.string(),
    decision: z.enum(['approved', 'rejected']),
    commit: ObjectId,
    reason: z.string().nullable(),
    policies: z.array(z.string()).describe('ids of the policies that allowed the person to decide'),
  })
  .describe('A person decided on a change')

const ChangeMerging = z
  .object({
    change: z.string(),
    target: z.string(),
    commit: ObjectId,
    outcome: z.enum(['asked', 'not taken']),
    detail: z.string().nullable().describe('why it was not taken'),
  })
  .describe('The gate was open and the forge is asked to merge; or it turned out that it did not')

const ChangeMerged = z
  .object({
    change: z.string(),
    target: z.string(),
    commit: ObjectId.describe('the merge commit, or the tip after a fast-forward'),
    kind: z.enum(['merge', 'fast-forward']),
  })
  .describe('The change is in the target branch of the forge')

const ChangePublished = z
  .object({ change: z.string(), branch: z.string(), commit: ObjectId })
  .describe('The change is a branch of its own in the forge')

const CoverageReported = z
  .object({
    mechanism: z.string(),
    complete: z.boolean().describe('false when the recorder was lost or reported drops'),
    limits: z
      .record(z.string(), z.string())
      .describe('limit to the mechanism that holds it, e.g. memory: cgroup-v1 4 GiB'),
    processes: Count,
    filesRead: Count,
    filesWritten: Count,
    dropped: Count,
    blindSpots: z.array(z.string()),
  })
  .describe('What the record of this run covers, and what it does not')

const PlatformFailed = z.object({ detail: z.string() }).describe('Something went wrong that the record should explain')

export const PLATFORM_EVENTS = {
  'run.requested': RunRequested,
  'run.claimed': RunClaimed,
  'run.planned': RunPlanned,
  'run.cancel-requested': RunCancelRequested,
  'run.finished': RunFinished,
  'stage.started': StageStarted,
  'sandbox.started': SandboxStarted,
  'sandbox.ended': SandboxEnded,
  'step.started': StepStarted,
  'step.finished': StepFinished,
  'artifact.stored': ArtifactStored,
  'change.proposed': ChangeProposed,
  'change.decided': ChangeDecided,
  'change.published': ChangePublished,
  'change.merging': ChangeMerging,
  'change.merged': ChangeMerged,
  'coverage.reported': CoverageReported,
  'platform.failed': PlatformFailed,
} as const
