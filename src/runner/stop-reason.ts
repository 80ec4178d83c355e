// Reason why a run ends before its steps do. It is passed as the AbortSignal's reason.
import type { RunStatus } from '../domain/events/fields.ts'

export class StopReason extends Error {
  readonly status: RunStatus
  constructor(status: RunStatus, message: string) {
    super(message)
    this.name = 'StopReason'
    this.status = status
  }
}

export function cancelled(by: string): StopReason {
  return new StopReason('cancelled', `cancelled by ${by}`)
}

export function stopReason(signal: AbortSignal): StopReason {
  const { reason } = signal as { reason: unknown }
  if (reason instanceof StopReason) return reason
  return new StopReason('error', reason instanceof Error ? reason.message : String(reason))
}
