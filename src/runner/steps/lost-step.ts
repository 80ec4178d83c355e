// The end of a step whose sandbox ended while it worked: a limit of the run was hit, or the guest was lost.
import type { RunRecord } from '../run-record.ts'
import { StopReason, stopReason } from '../stop-reason.ts'
import type { StepOutput } from './step-output.ts'

interface LostStep {
  step: number
  name: string
  /** `performance.now()` at its start. */
  started: number
}

/**
 * Records the end of the step, with the output that had arrived. Does not reject: the caller throws `error`, and the end
 * of the run says why the sandbox ended.
 */
export async function recordLostStep(
  { record, signal }: { record: RunRecord; signal: AbortSignal },
  { step, name, started }: LostStep,
  output: StepOutput,
  error: unknown,
): Promise<void> {
  try {
    const arrived = output.arrived()
    const reason = signal.aborted ? stopReason(signal) : error
    await record.platform('step.finished', {
      step,
      name,
      outcome: reason instanceof StopReason && reason.status === 'cancelled' ? 'cancelled' : 'failed',
      code: null,
      signal: null,
      wallMs: Math.round(performance.now() - started),
      ...arrived,
      outputOmitted: 0,
      ...(await output.finish(arrived)),
      note: `ended early: ${reason instanceof Error ? reason.message : String(reason)}`,
    })
  } catch {
    // The record limit or a full disk may have ended the run. Its end is recorded with more room.
  }
}
