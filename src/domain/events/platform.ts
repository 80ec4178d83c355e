// Events of Glovebox's own actions. `source` is `platform`.
import { z } from 'zod'
import { ByteText, Count, Digest, Mode, ObjectId, RunStatus, RunTrigger } from './fields.ts'

const RunRequested = z
  .object({
    task: z.string(),
    repository: z.string(),
    ref: z.string().nullable(),
    mode: Mode.nullable().describe("the requested mode; null for the task's own mode"),
    trigger: RunTrigger,
    request: Digest.describe('blob: the whole request'),
    repeats: z.string().optional().describe('the run whose request this one repeats'),
    attempt: z
      .object({
        change: z.string(),
        number: z.int().positive(),
        start: ObjectId.describe('the commit of the change that the attempt starts with'),
        review: Digest.describe('blob: the review comments for the agent, as text'),
      })
      .optional()
      .describe('the attempt at a change; absent for a run of its own'),
  })
  .describe('A run was requested; it waits in the queue')

const RunClaimed = z
  .object({
    worker: z.string().describe('the worker that claimed the run'),
    generation: z
      .int()
      .positive()
      .describe('fencing token: number of claims of this run so far; a worker with a lower one is refused'),
    attempt: z.int().positive(),
  })
  .describe('A worker claimed the run from the queue; it is running')

const RunPlanned = z
  .object({
    plan: Digest.describe('blob: the resolved plan of the run'),
    commit: ObjectId.describe('the commit that the run works on'),
    target: z.string().describe('the branch that a change should be merged into'),
    task: z.string(),
    taskSource: z.enum(['built-in', 'repository', 'ad-hoc']),
    taskText: Digest.describe('blob: the text of the task'),
    mode: Mode,
    sandbox: z.string(),
    toolchain: z.record(z.string(), z.string()).describe('name to version of the tools that steps find first on PATH'),
    notes: z.array(z.string()).describe('remarks for the requester on the setup of the run'),
    uncommitted: z
      .int()
      .positive()
      .optional()
      .describe('files of the local work tree that differ from the commit, so they are not part of the run'),
    steps: z
      .int()
      .optional()
      .describe('number of steps, from the clone to the collection of changes; absent in runs of older versions'),
    policyDigest: Digest.describe('digest over the policy set in force'),
    policySet: Digest.describe('blob: the policies in force and the schema, as text'),
  })
  .describe('The inputs of the run are resolved and pinned')

const RunCancelRequested = z.object({}).describe('The run was asked to stop')

const RunFinished = z
  .object({
    status: RunStatus,
    reason: z.string().nullable(),
    wallMs: z.number().nonnegative(),
  })
  .describe('The run ended; its record is complete')

const RunPruned = z
  .object({
    blobs: Count.describe('number of removed blobs'),
    bytes: Count.describe('bytes of these blobs'),
    quarantineBytes: Count.nullable().describe('bytes of the removed quarantine repository; null if it was not there'),
    before: z.int().describe('the pruning was for runs that ended before this time, in milliseconds since the epoch'),
  })
  .describe(
    'Retention removed bulky contents of the run: output, artifacts, diffs, packs and bodies that no other run names. Its events, request and plan stay',
  )

const StageStarted = z.object({ stage: z.string() }).describe('The runner started a stage of the run')

const SandboxStarted = z
  .object({
    kind: z.string(),
    hostUid: z.int().nonnegative().describe('user id of the sandboxed processes on the host, never 0'),
    image: z
      .string()
      .nullable()
      .default(null)
      .describe('digest of the image of its root; null if its root shows files of the host'),
    guestVersion: z.string(),
    isolation: z
      .array(z.object({ check: z.string(), passed: z.boolean(), detail: z.string() }))
      .describe('results of the self-test before any step'),
  })
  .describe('A sandbox has started and its isolation was checked')

const SandboxEnded = z
  .object({
    reason: z.string(),
    wallMs: z.number().nonnegative(),
  })
  .describe('The sandbox has ended')

const StepStarted = z
  .object({
    step: z.int().nonnegative(),
    name: z.string(),
    argv: z.array(ByteText),
    argvOmitted: Count.describe('bytes of argv that were left out here; the whole is then in argvBlob'),
    argvBlob: Digest.optional().describe('argv, a NUL after each argument, kept whole'),
    workingDirectory: z.string(),
  })
  .describe('A step of the task started')

const OutputCut = z
  .object({
    omitted: Count.describe('number of bytes that were not kept'),
    tail: Digest.nullable().describe('blob: the bytes after the gap, up to the end'),
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
      'the gap after `stdout` if the step wrote more than its limit; null if nothing is missing',
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
  .describe('A result file of a step was copied out through the guest')

const Proposed = z.object({
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
  findings: z.array(z.string()).describe('findings of the inspection for the reviewer'),
  findingsOmitted: Count.default(0).describe('findings that are not listed here'),
  inspection: Digest.nullable()
    .default(null)
    .describe('blob: all protected paths, findings and checks as JSON; null: inspected by an older version'),
})

const ChangeProposed = Proposed.describe('Commits in quarantine were inspected and proposed as a change')

const ChangeRevised = Proposed.extend({
  attempt: z.int().positive().describe('number of the attempt at the change'),
  previous: ObjectId.describe('the commit that the change had before; decisions on it no longer count'),
  pushed: ObjectId.describe('the commit that the run pushed; Glovebox makes one commit on top of base of several'),
}).describe('An attempt moved a change to a new commit, which was inspected as a whole')

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
    detail: z.string().nullable().describe('why the forge did not merge it'),
  })
  .describe('The gate was open and the forge was asked to merge (`asked`), or did not merge (`not taken`)')

const ChangeMerged = z
  .object({
    change: z.string(),
    target: z.string(),
    commit: ObjectId.describe('the merge commit, or the tip after a fast-forward'),
    kind: z.enum(['merge', 'fast-forward']),
  })
  .describe('The change was merged into the target branch of the forge')

const ChangePublished = z
  .object({ change: z.string(), branch: z.string(), commit: ObjectId })
  .describe('The change was pushed to the forge as a new branch')

const CoverageReported = z
  .object({
    mechanism: z.string(),
    complete: z.boolean().describe('false if the recorder was lost, reported drops, or lost track of a process'),
    limits: z
      .record(z.string(), z.string())
      .describe('limit to the mechanism that enforces it, e.g. memory: cgroup-v1 4 GiB'),
    processes: Count,
    filesRead: Count,
    filesWritten: Count,
    dropped: Count,
    blindSpots: z.array(z.string()),
  })
  .describe('What the record of this run covers, and what it does not')

const PlatformFailed = z.object({ detail: z.string() }).describe('The platform failed')

export const PLATFORM_EVENTS = {
  'run.requested': RunRequested,
  'run.claimed': RunClaimed,
  'run.planned': RunPlanned,
  'run.cancel-requested': RunCancelRequested,
  'run.finished': RunFinished,
  'run.pruned': RunPruned,
  'stage.started': StageStarted,
  'sandbox.started': SandboxStarted,
  'sandbox.ended': SandboxEnded,
  'step.started': StepStarted,
  'step.finished': StepFinished,
  'artifact.stored': ArtifactStored,
  'change.proposed': ChangeProposed,
  'change.revised': ChangeRevised,
  'change.decided': ChangeDecided,
  'change.published': ChangePublished,
  'change.merging': ChangeMerging,
  'change.merged': ChangeMerged,
  'coverage.reported': CoverageReported,
  'platform.failed': PlatformFailed,
} as const
