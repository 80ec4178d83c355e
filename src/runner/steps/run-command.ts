// Runs one command inside the sandbox. Stores its output as blobs and records kernel reports and step.finished.
import { bytesOf } from '../../domain/byte-text.ts'
import type { PlannedCommand } from '../../domain/task/plan-steps.ts'
import type { CommandResult, Guest, GuestSink } from '../../sandbox/types.ts'
import type { BlobStore } from '../../store/types.ts'
import { kernelEvents } from './kernel-events.ts'
import { recordLostStep } from './lost-step.ts'
import { recordedArgv } from './recorded-argv.ts'
import type { RunRecord } from '../run-record.ts'
import type { WatchOutput } from './live-output.ts'
import { openOutput } from './step-output.ts'
import type { StepOutcome, StepOutput } from './step-output.ts'
import { stopReason } from '../stop-reason.ts'

export interface CommandContext {
  guest: Guest
  blobs: BlobStore
  record: RunRecord
  watch: WatchOutput
  /** false: the guest can't record; the coverage report says why. */
  recording: boolean
  /** Bytes kept from the start of each stream; the end is kept in addition. */
  outputLimit: number
  signal: AbortSignal
}

type Command = Pick<PlannedCommand, 'name' | 'argv' | 'env' | 'cwd' | 'timeoutMs'>

export async function runCommand(context: CommandContext, step: number, command: Command): Promise<StepOutcome> {
  const { guest, record } = context
  const argv = await recordedArgv(command.argv.map(bytesOf), context.blobs)
  // Readable from the moment that the start is recorded.
  using output = context.watch(step, await openOutput(context.blobs, context.outputLimit))
  const started = performance.now()
  try {
    await record.platform('step.started', { step, name: command.name, ...argv, workingDirectory: command.cwd })
    const timeout = command.timeoutMs === null ? null : AbortSignal.timeout(command.timeoutMs)
    const signal = timeout ? AbortSignal.any([context.signal, timeout]) : context.signal
    const spec = {
      step,
      argv: command.argv,
      env: command.env,
      cwd: command.cwd,
      outputLimit: context.outputLimit,
      record: context.recording,
    }
    const result = await guest.run(spec, sinkFor(output, context), signal).catch(async (error: unknown) => {
      await recordLostStep(context, { step, name: command.name, started }, output, error)
      throw error
    })
    const kept = await output.finish(result)
    const finished = {
      step,
      name: command.name,
      ...resultFields(result),
      ...kept,
      ...verdict(result, context.signal, timeout),
    }
    await record.platform('step.finished', finished)
    return finished
  } finally {
    await output.abort()
  }
}

/** Records a step that was skipped because of its condition. */
export async function skipStep(record: RunRecord, step: number, name: string, note?: string): Promise<StepOutcome> {
  const skipped: StepOutcome = {
    step,
    name,
    outcome: 'skipped',
    code: null,
    signal: null,
    wallMs: 0,
    stdout: null,
    stderr: null,
    stdoutBytes: 0,
    stderrBytes: 0,
    outputOmitted: 0,
    stdoutCut: null,
    stderrCut: null,
    ...(note === undefined ? {} : { note }),
  }
  await record.platform('step.finished', skipped)
  return skipped
}

export function sinkFor(output: StepOutput, { blobs, record }: CommandContext): GuestSink {
  return {
    output: (stream, bytes) => output.write(stream, bytes),
    async reports(reports) {
      const events = await Promise.all(reports.map((report) => kernelEvents(report, blobs)))
      await record.kernel(events.flat())
    },
  }
}

function verdict(
  result: CommandResult,
  stopped: AbortSignal,
  timeout: AbortSignal | null,
): Pick<StepOutcome, 'outcome' | 'note'> {
  if (stopped.aborted) return { outcome: 'cancelled', note: stopReason(stopped).message }
  if (timeout?.aborted) return { outcome: 'timed-out', note: 'the time limit of the step' }
  return { outcome: result.code === 0 ? 'succeeded' : 'failed' }
}

export function resultFields({ code, signal, wallMs, stdoutBytes, stderrBytes, outputOmitted }: CommandResult) {
  return { code, signal, wallMs, stdoutBytes, stderrBytes, outputOmitted }
}
