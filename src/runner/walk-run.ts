// The stages of a run in order (design section 5). `close` always comes last, and the record always says how the run
// ended.
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { explainFullDisk } from '../disk/full-disk.ts'
import type { RunStatus } from '../domain/events/fields.ts'
import { exitWords } from '../domain/exit-words.ts'
import type { Run } from '../domain/run.ts'
import { reportCoverage } from './stages/close.ts'
import { collectArtifacts, collectChanges } from './stages/collect.ts'
import { inspect } from './stages/inspect.ts'
import type { Job, RunnerParts } from './job.ts'
import type { Box } from './stages/open.ts'
import { open } from './stages/open.ts'
import { prepare } from './stages/prepare.ts'
import type { Prepared } from './stages/prepare.ts'
import { propose } from './stages/propose.ts'
import { resolve } from './stages/resolve.ts'
import { withinBudget } from './record-budget.ts'
import type { CommandContext } from './steps/run-command.ts'
import type { StepOutcome, StepOutput } from './steps/step-output.ts'
import type { RunRecord } from './run-record.ts'
import { platformEvent } from '../domain/event.ts'
import { recordFor } from './run-record.ts'
import { stopReason, StopReason } from './stop-reason.ts'
import { whyInvalid } from './plan/why-invalid.ts'
import type { Worked } from './stages/work.ts'
import { throwIfStopped, work } from './stages/work.ts'

const MINUTE_MS = 60_000
/** Pauses between the tries to record the end of a run on a full disk. After the last one the run is given up. */
const FULL_DISK_PAUSES_MS = [250, 500, 1000, 2000, 4000]

interface Verdict {
  status: RunStatus
  reason: string | null
}

/** Runs all stages of one run. Rejects only when the end itself could not be recorded. */
export async function walkRun(run: Run, parts: RunnerParts, signal: AbortSignal): Promise<Verdict> {
  const verdict = await stages(run, parts, signal).catch((error: unknown) => verdictOfError(error, parts))
  await finish(run, verdict, parts)
  return verdict
}

async function stages(run: Run, parts: RunnerParts, outer: AbortSignal): Promise<Verdict> {
  const record = recordFor(run.id, parts.store)
  const enterUntil =
    (signal: AbortSignal) =>
    async (stage: string): Promise<void> => {
      throwIfStopped(signal)
      await record.platform('stage.started', { stage })
    }
  await enterUntil(outer)('resolve')
  const job = await resolve(run, parts).catch(rethrowAsInvalid)
  // Disposed when the walk has ended, so it has to be awaited here.
  using wall = wallLimit(job.task.limits['wall-minutes'])
  const signal = AbortSignal.any([outer, wall.signal])
  return await walkJob(
    job,
    { ...parts, sandbox: job.sandbox, advisories: job.advisories },
    record,
    enterUntil(signal),
    signal,
  )
}

async function walkJob(
  job: Job,
  parts: RunnerParts,
  record: RunRecord,
  enter: (stage: string) => Promise<void>,
  signal: AbortSignal,
): Promise<Verdict> {
  await enter('prepare')
  const prepared = await prepare(job, parts).catch(rethrowAsInvalid)
  await enter('open')
  const worked = await insideBox(prepared, parts, record, enter, signal)
  await enter('inspect')
  const inspected = await inspect(prepared, parts, record, worked.outcomes)
  if (worked.failed) return failedVerdict(worked)
  await enter('propose')
  await propose(prepared, inspected, parts)
  return { status: 'succeeded', reason: null }
}

/** Runs the stages that need the sandbox. When this settles, the sandbox has ended and its coverage is recorded. */
async function insideBox(
  prepared: Prepared,
  parts: RunnerParts,
  record: RunRecord,
  enter: (stage: string) => Promise<void>,
  outer: AbortSignal,
): Promise<Worked> {
  const broken = new AbortController()
  const signal = AbortSignal.any([outer, broken.signal])
  await using cleanup = new AsyncDisposableStack()
  const { record: limitBytes } = prepared.task.limits
  const store = withinBudget(parts.store, limitBytes, () =>
    broken.abort(new StopReason('failed', `record limit ${limitBytes} bytes`)),
  )
  const box = await open(prepared, parts, store, record, signal, cleanup)
  box.recorderLost.catch((error: unknown) =>
    broken.abort(new StopReason('error', `the recorder was lost: ${messageOf(error)}`)),
  )
  try {
    const context = {
      guest: box.guest,
      blobs: store.blobs,
      watch: (step: number, output: StepOutput) => parts.live.watch(prepared.run.id, step, output),
      record: recordFor(prepared.run.id, store),
      recording: box.sandbox.unrecorded === null,
      outputLimit: prepared.task.limits.output,
      signal,
    }
    const worked = await workAndCollect(prepared, box, context, parts, enter)
    await enter('close')
    return worked
  } catch (error) {
    throw await withCause(signal.aborted ? stopReason(signal) : error, box)
  } finally {
    await reportCoverage(prepared.run.id, box, parts, record)
    await cleanup.disposeAsync()
    await record.platform('sandbox.ended', {
      reason: signal.aborted ? stopReason(signal).message : 'the run left it',
      wallMs: parts.ids.now() - box.openedAt,
    })
  }
}

async function workAndCollect(
  prepared: Prepared,
  box: Box,
  context: CommandContext,
  parts: RunnerParts,
  enter: (stage: string) => Promise<void>,
): Promise<Worked> {
  await enter('work')
  const worked = await work(prepared, box, context, parts)
  const named = worked.failed ? await nameLimit(worked, box) : worked
  await enter('collect')
  const missing = await collectArtifacts(prepared.task, box, context)
  if (named.failed) return named
  if (missing.length > 0) throw new StopReason('failed', `required artifacts are missing: ${missing.join(', ')}`)
  if (prepared.run.mode === 'read-only') return named
  const collected = await collectChanges(prepared, box, context, prepared.steps.length + 1)
  throwIfStopped(context.signal)
  return collected.outcome === 'succeeded' ? named : { ...named, failed: collected }
}

/** Names the limit or the failure that ended a step, instead of just `killed`. */
async function nameLimit(worked: Worked, box: Box): Promise<Worked> {
  const hit = await box.sandbox.limitsHit()
  const broken = box.sandbox.broken()
  if (hit.length === 0 && broken !== null) throw new StopReason('error', broken)
  if (hit.length === 0 || !worked.failed) return worked
  return { ...worked, failed: { ...worked.failed, note: hit.join(', ') } }
}

/** Replaces a broken link by its cause, if the sandbox knows why it ended. */
async function withCause(error: unknown, box: Box): Promise<unknown> {
  if (error instanceof StopReason && error.status === 'cancelled') return error
  const hit = await box.sandbox.limitsHit().catch(() => [])
  if (hit.length > 0) return new StopReason('failed', hit.join(', '))
  const broken = box.sandbox.broken()
  return broken === null ? error : new StopReason('error', broken)
}

function failedVerdict({ failed, unrepaired }: Worked): Verdict {
  if (!failed) return { status: 'succeeded', reason: null }
  const told = unrepaired === null ? [failed] : [failed, unrepaired]
  return { status: 'failed', reason: told.map(howItFailed).join('; ') }
}

function howItFailed({ name, outcome, code, signal, note }: StepOutcome): string {
  return `step \`${name}\` ${ending()}${note ? ` (${note})` : ''}`

  function ending(): string {
    if (outcome === 'timed-out') return 'timed out'
    // An agent may exit normally after it has failed.
    return code === 0 ? 'failed' : exitWords({ code, signal })
  }
}

/** Later stages have no such errors: by then the request has been found to fit. */
function rethrowAsInvalid(error: unknown): never {
  const invalid = whyInvalid(error)
  throw invalid === null ? error : new StopReason('invalid', invalid)
}

function verdictOfError(error: unknown, { mirrors, quarantines, sandboxes }: RunnerParts): Verdict {
  if (error instanceof StopReason) return { status: error.status, reason: error.message }
  const full = explainFullDisk(error, [mirrors, quarantines, sandboxes, tmpdir()])
  return { status: 'error', reason: full ?? messageOf(error) }
}

/** Tries again on a full disk, because the run itself may have filled it: its workspace is gone by now. */
async function finish(run: Run, verdict: Verdict, parts: RunnerParts): Promise<void> {
  for (const pause of [...FULL_DISK_PAUSES_MS, null]) {
    try {
      return await recordEnd(run, verdict, parts)
    } catch (error) {
      if (pause === null || explainFullDisk(error, []) === null) throw error
      await sleep(pause)
    }
  }
}

async function recordEnd({ id, startedAt }: Run, { status, reason }: Verdict, parts: RunnerParts): Promise<void> {
  await parts.store.transact(async (tx) => {
    const finishedAt = parts.ids.now()
    await tx.runs.update(id, { status, reason, finishedAt }, { expect: { status: ['running'] } })
    const bounded = reason === null ? null : reason.slice(0, 2000)
    const wallMs = Math.max(0, finishedAt - (startedAt ?? finishedAt))
    await tx.record([
      ...(status === 'error'
        ? [platformEvent(id, 'platform.failed', { detail: bounded ?? 'no reason was given' })]
        : []),
      platformEvent(id, 'run.finished', { status, reason: bounded, wallMs }),
    ])
  })
}

function wallLimit(minutes: number): { signal: AbortSignal } & Disposable {
  const controller = new AbortController()
  const timer = setTimeout(
    () => controller.abort(new StopReason('failed', `wall time limit ${minutes} min`)),
    minutes * MINUTE_MS,
  )
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
